"""Reads a rendered page as a browser would, and refuses markup that is not well nested."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "img", "hr", "input"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None]
    children: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def all(self, *tags: str) -> list[Element]:
        """Every element inside this one, in document order, with one of these tags; all if none is named."""
        found: list[Element] = []
        for child in self.children:
            if isinstance(child, Element):
                found += [child] if not tags or child.tag in tags else []
                found += child.all(*tags)
        return found

    def one(self, tag: str, **attributes: str) -> Element:
        found = [
            element
            for element in self.all(tag)
            if all(element.attributes.get(name.rstrip("_")) == value for name, value in attributes.items())
        ]
        assert len(found) == 1, f"{len(found)} elements <{tag}> with {attributes}"
        return found[0]

    def table(self, caption: str) -> dict[str, list[int]]:
        """Row header → numbers, in the order of the rows."""
        table = next(each for each in self.all("table") if each.one("caption").text == caption)
        rows = table.one("tbody").all("tr") + [row for foot in table.all("tfoot") for row in foot.all("tr")]
        return {row.one("th").text: [int(cell.text.replace(",", "")) for cell in row.all("td")] for row in rows}


def read_page(markup: bytes) -> Element:
    reader = _Reader()
    reader.feed(markup.decode())
    reader.close()
    assert len(reader.open) == 1, f"never closed: {[each.tag for each in reader.open[1:]]}"
    return reader.open[0]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len(dict(attrs)), f"<{tag}> repeats an attribute"
        element = Element(tag, dict(attrs))
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)
