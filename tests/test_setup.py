"""The project as a whole: what importing costs, what lies at the top, who may import whom, CI."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted([*ROOT.glob("rewriter/**/*.py"), *ROOT.glob("rules/**/*.py")])
README = (ROOT / "README.md").read_text(encoding="utf-8")


def python(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )


def test_import_loads_no_heavy_package():
    code = "import sys, rewriter; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    finished = python("-c", code)
    loaded = set(finished.stdout.split())
    assert finished.returncode == 0, finished.stderr
    assert "numpy" in loaded
    heavy = {"jax", "jaxlib", "sympy", "flint", "matplotlib", "optax", "rich", "sklearn", "scipy"}
    assert loaded & heavy == set()


def test_import_takes_well_under_half_a_second():
    code = (
        "import numpy, time; begin = time.process_time(); import rewriter; "
        "print(time.process_time() - begin)"
    )
    seconds = min(float(python("-c", code).stdout) for _ in range(3))
    assert seconds < 0.4


def test_top_level_is_what_it_should_be():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    top = {name.split("/")[0] for name in listed}
    visible = {name for name in top if not name.startswith(".")}
    assert visible == {
        "LICENSE",
        "README.md",
        "examples",
        "pyproject.toml",
        "rewriter",
        "rules",
        "tests",
    }
    assert {".ci", ".gitignore"} <= top


def section(title: str) -> list[str]:
    """The lines of the first sh block under ``## title``."""
    found = re.search(rf"^## {title}\n+```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert found, f"no sh block directly under '## {title}'"
    return found.group(1).splitlines()


def test_readme_begins_with_two_commands_of_one_line():
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert [language for language, _ in blocks[:2]] == ["sh", "sh"]
    run, test = section("Run it"), section("Test it")
    assert len(run) == len(test) == 1
    assert run[0].endswith("-m rewriter demo")
    assert "-m pytest" in test[0]
    assert README.index("## Run it") < README.index("## Test it")
    assert re.findall(r"^## (.*)$", README, re.MULTILINE)[:2] == [
        "Run it",
        "Test it",
    ]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A project whose tools are stand-ins that log their arguments and fail where FAIL says."""
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".ci" / "run").write_bytes((ROOT / ".ci" / "run").read_bytes())
    (tmp_path / "README.md").write_text(
        "## Run it\n\n```sh\necho the main job\n```\n\n"
        "## Test it\n\n```sh\n.venv/bin/python -m pytest -n 2\n```\n\n"
        "And on.\n\n```sh\nfalse\n```\n"
    )
    tool = tmp_path / ".venv" / "bin" / "python"
    tool.parent.mkdir(parents=True)
    tool.write_text(
        '#!/bin/sh\necho "$2" >> log\n'
        '[ "$2" = pytest ] && echo "===== 7 passed in 0.10s ====="\n'
        'case " $* " in *" ${FAIL:-nothing} "*) exit 3;; esac\nexit 0\n'
    )
    tool.chmod(0o755)
    return tmp_path


def continuous_integration(clone: Path, fail: str = "nothing") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", ".ci/run"],
        cwd=clone,
        env={**os.environ, "FAIL": fail},
        capture_output=True,
        text=True,
        check=False,
    )


def test_continuous_integration_runs_the_readme_command_and_every_check(clone):
    finished = continuous_integration(clone)
    assert finished.returncode == 0, finished.stderr
    assert (clone / "log").read_text().split() == ["pytest", "ruff", "ruff", "mypy"]
    assert finished.stdout.splitlines()[-1] == "===== 7 passed in 0.10s ====="
    assert "the main job" not in finished.stdout


@pytest.mark.parametrize("failing", ["pytest", "check", "format", "mypy"])
def test_continuous_integration_fails_where_anything_fails(clone, failing):
    assert continuous_integration(clone, failing).returncode != 0


def test_continuous_integration_fails_without_a_test_command(clone):
    (clone / "README.md").write_text("## Test it\n\nTo be written.\n")
    finished = continuous_integration(clone)
    assert finished.returncode != 0
    assert "Test it" in finished.stderr


def test_packages_are_declared_where_they_are_needed():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    core = {re.split(r"[<>=\[]", wanted)[0] for wanted in project["dependencies"]}
    assert core == {"numpy", "miniKanren", "logical-unification", "sympy"}
    assert {"jax", "test", "dev", "all"} <= set(project["optional-dependencies"])


def all_imports(path: Path) -> set[str]:
    """The modules that a module imports anywhere, dotted."""
    found: set[str] = set()
    for statement in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(statement, ast.Import):
            found.update(alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and statement.level == 0:
            found.add(str(statement.module))
            found.update(f"{statement.module}.{alias.name}" for alias in statement.names)
    return found


def test_lowering_sees_no_rules_and_rules_see_no_backend():
    for path in SOURCES:
        place = path.relative_to(ROOT).as_posix()
        imported = all_imports(path)
        if place.startswith("rewriter/lowering/"):
            upper = {"rules", "rewriter.rule", "rewriter.engine", "rewriter.terms"}
            assert not [name for name in imported if name in upper], place
        if place.startswith(("rules/", "rewriter/matching/", "rewriter/terms/", "rewriter/facts/")):
            lower = ("jax", "rewriter.lowering", "rewriter.jax", "rewriter.importers")
            assert not [name for name in imported if name.startswith(lower)], place


def test_graph_layer_stands_alone():
    """The graph is at the bottom: when imported, it imports errors and itself, no other part."""
    for path in ROOT.glob("rewriter/graph/*.py"):
        for statement in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(statement, ast.ImportFrom) and str(statement.module).startswith(
                "rewriter"
            ):
                module = str(statement.module)
                assert module.startswith(("rewriter.graph", "rewriter.errors")), path


@pytest.mark.parametrize("words", [["--help"], ["demo", "--help"], ["explain", "--help"]])
def test_help_of_the_command_line(words):
    finished = python("-m", "rewriter", *words)
    assert finished.returncode == 0, finished.stderr
    assert "usage: rewriter" in finished.stdout


def test_command_line_refuses_a_subcommand_that_does_not_exist():
    finished = python("-m", "rewriter", "dream")
    assert finished.returncode == 2
    assert "dream" in finished.stderr


def test_console_script_is_the_module():
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert scripts == {"rewriter": "rewriter.command:main"}
