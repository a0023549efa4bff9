"""auth.*, team.*, users.* and usergroups.*: who is who."""

from __future__ import annotations

from sandbox.workspace import seed
from sandbox.workspace.api.args import Args
from sandbox.workspace.api.desk import Desk, page_of, user_json
from sandbox.workspace.errors import SlackError
from sandbox.workspace.records import Group, Json, Member


def auth_test(desk: Desk, args: Args) -> Json:
    """auth.test."""
    return {
        "url": f"{desk.base_url()}/",
        "team": seed.TEAM_NAME,
        "user": seed.BOT_NAME.lower().replace(" ", ""),
        "team_id": seed.TEAM_ID,
        "user_id": seed.BOT_USER,
        "bot_id": seed.BOT_ID,
        "app_id": seed.APP_ID,
        "is_enterprise_install": False,
    }


def team_info(desk: Desk, args: Args) -> Json:
    """team.info."""
    return {"team": {"id": seed.TEAM_ID, "name": seed.TEAM_NAME, "domain": seed.TEAM_DOMAIN, "email_domain": ""}}


def users_info(desk: Desk, args: Args) -> Json:
    """users.info."""
    member = desk.state.members.get(args.text("user"))
    if member is None:
        raise SlackError("user_not_found")
    return {"user": _shown(desk, member)}


def users_list(desk: Desk, args: Args) -> Json:
    """users.list."""
    everybody = list(desk.state.members.values())
    cursor = args.text("cursor")
    if cursor and not cursor.removeprefix("at:").isdigit():
        raise SlackError("invalid_cursor")
    page, following = page_of(everybody, cursor, args.number("limit", 1000, 1000))
    return {"members": [_shown(desk, m) for m in page], "response_metadata": {"next_cursor": following}}


def users_lookup_by_email(desk: Desk, args: Args) -> Json:
    """users.lookupByEmail."""
    wanted = args.need("email").casefold()
    for member in desk.state.members.values():
        if member.email and member.email.casefold() == wanted and not member.deleted:
            return {"user": _shown(desk, member)}
    raise SlackError("users_not_found")


def usergroups_list(desk: Desk, args: Args) -> Json:
    """usergroups.list."""
    shown = [
        _group_json(group, args.flag("include_users"))
        for group in desk.state.groups.values()
        if group.enabled or args.flag("include_disabled")
    ]
    return {"usergroups": shown}


def usergroups_users_list(desk: Desk, args: Args) -> Json:
    """usergroups.users.list."""
    group = desk.state.groups.get(args.need("usergroup"))
    if group is None or not (group.enabled or args.flag("include_disabled")):
        raise SlackError("no_such_subteam")
    return {"users": list(group.members)}


def _shown(desk: Desk, member: Member) -> Json:
    return user_json(member, "users:read.email" in desk.scopes)


def _group_json(group: Group, with_users: bool) -> Json:
    shown: Json = {
        "id": group.id,
        "team_id": seed.TEAM_ID,
        "is_usergroup": True,
        "name": group.name,
        "handle": group.handle,
        "date_delete": 0 if group.enabled else 1,
        "user_count": len(group.members),
    }
    return shown | {"users": list(group.members)} if with_users else shown
