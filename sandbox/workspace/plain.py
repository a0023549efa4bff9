"""Messages, forms and Homes as plain words for one reader: names, dates in the reader's zone, no marks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sandbox.workspace.form_values import KEYS, held
from sandbox.workspace.records import Json, Message, View
from sandbox.workspace.state import State

_TOKEN = re.compile(r"<([^<>]+)>")
_DATE_FORMATS = {
    "date_num": "%Y-%m-%d",
    "date": "%B {d}, %Y",
    "date_short": "%b {d}, %Y",
    "date_long": "%A, %B {d}, %Y",
    "date_pretty": "%B {d}, %Y",
    "date_short_pretty": "%b {d}, %Y",
    "date_long_pretty": "%A, %B {d}, %Y",
    "time": "%H:%M",
    "time_secs": "%H:%M:%S",
    "ago": "%H:%M",
}


class Reader:
    """Renders for one person: mentions become names and moments are told in that person's zone."""

    def __init__(self, state: State, zone: str = "America/New_York") -> None:
        self._state = state
        self._zone = ZoneInfo(zone)

    # -- text ------------------------------------------------------------------------------------------------------

    def mrkdwn(self, text: str) -> str:
        """mrkdwn without its marks; code keeps its words."""
        pieces = re.split(r"(```.*?```|`[^`\n]+`)", text, flags=re.DOTALL)
        return "".join(p.strip("`") if p.startswith("`") and len(p) > 1 else self._unmarked(p) for p in pieces)

    def _unmarked(self, text: str) -> str:
        for mark in ("*", "_", "~"):
            m = re.escape(mark)
            text = re.sub(rf"(?<![\w{m}]){m}(?=\S)([^{m}\n]+?)(?<=\S){m}(?![\w{m}])", r"\1", text)
        text = _TOKEN.sub(lambda match: self._token(match.group(1)), text)
        return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")

    def _token(self, body: str) -> str:
        target, _, label = body.partition("|")
        if target.startswith("!date^"):
            return self._date(target, label)
        if target.startswith("!subteam^"):
            group = self._state.groups.get(target.removeprefix("!subteam^"))
            return f"@{group.handle}" if group else label or target
        if target.startswith("@"):
            member = self._state.members.get(target[1:])
            return f"@{member.name}" if member else f"@{label or target[1:]}"
        if target.startswith("#"):
            channel = self._state.channels.get(target[1:])
            return f"#{channel.name}" if channel else f"#{label or target[1:]}"
        if target.startswith("!"):
            return f"@{target[1:]}"
        return label or target

    def _date(self, target: str, fallback: str) -> str:
        parts = target.split("^")
        if len(parts) < 3 or not parts[1].isdigit():
            return fallback
        return self.moment(int(parts[1]), parts[2])

    def moment(self, epoch: int, shape: str) -> str:
        """A `<!date>` shape such as `{date_short_pretty} at {time}` for this reader."""
        when = datetime.fromtimestamp(epoch, UTC).astimezone(self._zone)

        def word(match: re.Match[str]) -> str:
            name = match.group(1)
            if name not in _DATE_FORMATS:
                return match.group(0)
            return when.strftime(_DATE_FORMATS[name]).replace("{d}", str(when.day))

        return re.sub(r"\{(\w+)\}", word, shape)

    def _text(self, thing: Json | str | None) -> str:
        if isinstance(thing, str) or not thing:
            return str(thing or "")
        text = str(thing.get("text", ""))
        return self.mrkdwn(text) if thing.get("type") == "mrkdwn" else text

    # -- blocks ----------------------------------------------------------------------------------------------------

    def blocks(self, blocks: Iterable[Json], drafts: dict[str, dict[str, Json]] | None = None) -> str:
        """All blocks, one below the other; buttons stand in square brackets."""
        lines = [self._block(block, drafts or {}) for block in blocks]
        return "\n".join(line for line in lines if line)

    def _block(self, block: Json, drafts: dict[str, dict[str, Json]]) -> str:
        kind = block["type"]
        if kind == "section":
            parts = [self._text(block.get("text"))]
            parts += [self._text(field) for field in block.get("fields", [])]
            if block.get("accessory"):
                parts.append(self._element(block["accessory"]))
            return "\n".join(part for part in parts if part)
        if kind == "context":
            return "  ".join(self._element(element) for element in block["elements"])
        if kind == "actions":
            return " ".join(self._element(element) for element in block["elements"])
        if kind == "input":
            return self._input(block, drafts)
        if kind == "image":
            return f"[{block['alt_text']}]"
        return self._other(block)

    def _other(self, block: Json) -> str:
        kind = block["type"]
        if kind == "divider":
            return "—"
        if kind == "rich_text":
            return self._rich(block)
        if kind == "plan":
            return "\n".join([block["title"], *(self._task(task) for task in block.get("tasks", []))])
        if kind == "task_card":
            return self._task(block)
        if kind == "table":
            return "\n".join(" | ".join(self._cell(cell) for cell in row) for row in block["rows"])
        return self._text(block.get("text"))

    def _input(self, block: Json, drafts: dict[str, dict[str, Json]]) -> str:
        element = block["element"]
        value = held(element, drafts, block["block_id"])
        if isinstance(value, list):
            shown = ", ".join(self._chosen(one) for one in value)
        else:
            shown = self._chosen(value)
        hint = f" ({self._text(block['hint'])})" if block.get("hint") else ""
        return f"{self._text(block['label'])} {shown or '____'}{hint}"

    def _chosen(self, value: Json | str | int | None) -> str:
        if isinstance(value, dict):
            return self._text(value["text"])
        member = self._state.members.get(str(value))
        return f"@{member.name}" if member else str(value or "")

    def _element(self, element: Json) -> str:
        kind = element["type"]
        if kind == "button":
            return f"[{self._text(element['text'])}]"
        if kind == "overflow":
            return f"[⋮ {' · '.join(self._text(one['text']) for one in element['options'])}]"
        if kind == "image":
            return f"[{element['alt_text']}]"
        if kind in KEYS:
            options = [self._text(one["text"]) for one in element.get("options", [])]
            return f"[{' / '.join(options) or self._text(element.get('placeholder')) or kind}]"
        return self._text(element)

    def _task(self, task: Json) -> str:
        return f"{task.get('status', 'pending')}: {task['title']}"

    def _cell(self, cell: Json) -> str:
        return str(cell["text"]) if cell["type"] == "raw_text" else self._rich(cell)

    def _rich(self, node: Json) -> str:
        kind = node["type"]
        if "elements" in node:
            inner = [self._rich(child) for child in node["elements"]]
            if kind == "rich_text_list":
                return "\n".join(f"• {line}" for line in inner)
            return ("\n" if kind == "rich_text" else "").join(inner)
        names = {"user": "@{user_id}", "channel": "#{channel_id}", "usergroup": "!subteam^{usergroup_id}"}
        if kind in names:
            return self._token(names[kind].format(**node))
        if kind == "date":
            return self.moment(node["timestamp"], node["format"])
        if kind == "emoji":
            return f":{node['name']}:"
        return str(node.get("text") or node.get("url") or f"@{node.get('range')}")

    # -- whole things ----------------------------------------------------------------------------------------------

    def message(self, message: Message) -> str:
        """A message: its blocks when it has some, else its text; files by title."""
        body = self.blocks(message.blocks) if message.blocks else self.mrkdwn(message.text)
        attached = [self.blocks(one.get("blocks", [])) or str(one.get("text", "")) for one in message.attachments]
        files = [f"[file: {one['title']}]" for one in message.files]
        return "\n".join(part for part in [body, *attached, *files] if part)

    def view(self, view: View) -> str:
        """A form or Home: title, blocks with what was typed, errors at the end."""
        title = self._text(view.body.get("title"))
        errors = [f"⚠ {block_id}: {what}" for block_id, what in view.errors.items()]
        lines = [title, self.blocks(view.blocks, view.drafts), *errors, view.trouble]
        return "\n".join(line for line in lines if line)
