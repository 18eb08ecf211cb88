"""The page of an explanation: well-formed, complete, and nothing in it is fetched."""

import re
from html.parser import HTMLParser

import pytest

import rewriter as rw
from rewriter.command import main

VOID = {"meta", "br", "path", "rect"}


class Page(HTMLParser):
    """Reads a page, refuses tags that do not close, and keeps what tests ask for."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.texts = [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self):
        return "".join(self.texts)

    def with_class(self, name):
        return [a for _, a in self.tags if name in a.get("class", "").split()]


def softmax(x):
    e = rw.exp(x)
    return e / rw.sum(e, axis=-1, keepdims=True)


def several(count):
    x = y = rw.input("x", ("n", 4), "float64")
    for _ in range(count):
        y = rw.sin(softmax(rw.tanh(y) * 3000)) + rw.cos(y) * rw.square(y)
    return rw.Graph([x], [y])


@pytest.mark.parametrize("count", [1, 3, 40])
def test_it_has_every_step(count):
    explanation = rw.explain(several(count))
    page = Page(explanation.html())
    steps = page.with_class("step")
    assert [step["id"] for step in steps] == [f"step-{k + 1}" for k in range(count)]
    for account in explanation.accounts:
        for text in (account.before, account.after, account.reads, *account.facts, *account.where):
            assert text in page.text
        assert account.place.source in page.text
    assert explanation.html().count("<b>shift_by_the_maximum</b>") == count


@pytest.mark.parametrize("count", [1, 40])
def test_nothing_is_fetched(count):
    text = rw.explain(several(count)).html()
    assert not re.search(r"https?:|//\w|@import|url\(", text.replace("://", ""))
    assert not {"src", "href", "srcset", "action"} & {n for _, a in Page(text).tags for n in a}
    assert not {"link", "img", "iframe", "object"} & {tag for tag, _ in Page(text).tags}


def test_both_graphs_are_drawn_with_their_redexes():
    graph = several(2)
    page = Page(rw.explain(graph).html())
    identifiers = {a["id"] for a in page.with_class("redex")}
    assert identifiers == {"before-1", "before-2", "after-1", "after-2"}
    boxes = [node for node in graph.nodes() if node.shape]
    after = [node for node in rw.optimize(graph).nodes() if node.shape]
    assert len(page.with_class("node")) == len(boxes) + len(after)


def test_of_a_large_graph_what_changed_comes_first():
    x = y = rw.input("x", ("n", 4), "float32")
    for k in range(500):
        y = rw.sin(rw.tanh(y) + k)
    graph = rw.Graph([x], [softmax(y * 300)])
    page = Page(rw.explain(graph).html())
    count = len(list(graph.nodes()))
    assert count > 1500
    assert f"All {count} nodes" in page.text
    assert int(re.search(rf"(\d+) of {count} nodes", page.text)[1]) < 12


def test_text_from_the_program_is_escaped():
    x = rw.input("<b>&x", (4,), "float32")
    text = rw.explain(rw.Graph([x], [softmax(x)])).html()
    assert "<b>&x" not in text
    assert "&lt;b&gt;&amp;x" in text


def test_a_graph_with_nothing_to_cure_has_a_page():
    x = rw.input("x", (4,), "float32")
    page = Page(rw.explain(rw.Graph([x], [rw.sin(x)])).html())
    assert "Nothing to cure" in page.text
    assert page.with_class("redex") == []


def test_the_command_writes_it(tmp_path, capsys):
    graph, target = tmp_path / "softmax.graph", tmp_path / "out.html"
    graph.write_text(str(several(1)))
    assert main(["explain", str(graph), "--html", str(target)]) == 0
    assert Page(target.read_text(encoding="utf-8")).with_class("step")
    assert "1 rewrite" in capsys.readouterr().out
    assert main(["explain", str(graph), "--html", str(tmp_path / "no" / "out.html")]) == 1
    assert "the page cannot be written" in capsys.readouterr().err
