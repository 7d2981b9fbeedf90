"""What a browser would send of a form in a page that nobody has touched."""

from __future__ import annotations

from html.parser import HTMLParser


class FormReader(HTMLParser):
    """Reads the fields of the form with this action: ticked boxes only, of a choice the chosen or the first one."""

    def __init__(self, action: str) -> None:
        super().__init__(convert_charrefs=True)
        self._action, self._inside = action, False
        self._area, self._choice, self._options = "", "", [("", False)]
        self.sent: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        got = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = got.get("action") == self._action
        if not self._inside:
            return
        if tag == "input" and (got.get("type") != "checkbox" or "checked" in got) and got.get("name"):
            self.sent.append((got["name"], got.get("value", "")))
        elif tag == "textarea":
            self._area = got["name"]
            self.sent.append((self._area, ""))
        elif tag == "select":
            self._choice, self._options = got["name"], []
        elif tag == "option" and self._choice:
            self._options.append((got.get("value", ""), "selected" in got))

    def handle_data(self, data: str) -> None:
        if self._area:
            name, before = self.sent.pop()
            self.sent.append((name, before + data))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "textarea":
            self._area = ""
        elif tag == "select" and self._choice:
            first = self._options[0][0] if self._options else ""
            self.sent.append((self._choice, next((value for value, chosen in self._options if chosen), first)))
            self._choice = ""


def form_of(html: str, action: str) -> dict[str, list[str]]:
    """Every field with its values in their order."""
    reader = FormReader(action)
    reader.feed(html)
    fields: dict[str, list[str]] = {}
    for name, value in reader.sent:
        fields.setdefault(name, []).append(value)
    return fields
