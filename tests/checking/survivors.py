"""The mutants that are known to survive, each with the reason why it is no mistake."""

from pathlib import Path


def known_survivors() -> dict[tuple[str, str], str]:
    """The verdict of each, by rule and mistake; the file gives the reason beside it."""
    lines = Path(__file__).with_name("survivors.txt").read_text(encoding="utf-8").splitlines()
    found = {}
    for line in lines:
        if not line.startswith("#"):
            rule, mistake, verdict, reason = (part.strip() for part in line.split("|", 3))
            assert reason
            found[rule, mistake] = verdict
    return found
