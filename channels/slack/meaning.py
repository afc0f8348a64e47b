"""Every error of Slack's Web API → what it means for the notification. The one table.

https://docs.slack.dev/reference/methods: the errors of chat.postMessage, chat.update, chat.postEphemeral,
conversations.open, conversations.history, conversations.replies, conversations.list, users.lookupByEmail, users.info,
auth.test, apps.connections.open, views.open, views.update and views.publish.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from escalation.phrase import N_


@dataclass(frozen=True, slots=True)
class Meaning:
    """``words``: with ``%(token)s`` in the place of the setting that holds the token. ``is_final``: never, whatever is
    tried. Otherwise later; ``maybe_sent``: Slack may have done it all the same."""

    words: str
    is_final: bool = True
    is_channel_wide: bool = False
    maybe_sent: bool = False


def _limit(words: str) -> Meaning:
    return Meaning(words, is_final=False, is_channel_wide=True)


def _trouble(words: str) -> Meaning:
    return Meaning(words, is_final=False, is_channel_wide=True, maybe_sent=True)


def _busy(words: str) -> Meaning:
    return Meaning(words, is_final=False)


_SCOPE = N_("the app lacks a permission; update it from config/slack-manifest.yaml and install it again")
_LAYOUT = N_("Slack refused the message's layout")
_CALL = N_("Slack refused the form of the call")
_GONE = N_("Slack has withdrawn this method; update Kidoku")
_METADATA = N_("Slack refused the message's metadata")
_FOREIGN = N_("an administrator has blocked this in channels shared with other organisations")
_ADDRESS = N_("Slack can't open direct messages with this address")

MEANINGS: Mapping[str, Meaning] = MappingProxyType(
    {
        # Too much, too fast.
        "ratelimited": _limit(N_("Slack's rate limit")),
        "rate_limited": _limit(N_("Slack's rate limit")),
        "message_limit_exceeded": _limit(N_("the workspace has sent too many messages")),
        # Slack's own trouble. Its words: "some aspect of the operation may have succeeded".
        "fatal_error": _trouble(N_("Slack has trouble")),
        "internal_error": _trouble(N_("Slack has trouble")),
        "service_unavailable": _trouble(N_("Slack has trouble")),
        "team_added_to_org": _trouble(N_("the workspace is being moved to an organisation")),
        "request_timeout": _busy(N_("the request reached Slack incomplete")),
        "external_channel_migrating": _busy(N_("the channel is being moved")),
        "streaming_state_conflict": _busy(N_("the message is being written to")),
        "update_failed": _busy(N_("Slack could not change the message")),
        "list_record_comment_fetch_failed": _busy(N_("Slack has trouble")),
        # The tokens, and what they may do.
        "invalid_auth": Meaning(N_("Slack refused the token; check %(token)s")),
        "not_authed": Meaning(N_("Slack got no token; set %(token)s")),
        "token_expired": Meaning(N_("the token has expired; set %(token)s anew")),
        "token_revoked": Meaning(N_("the token was revoked; install the app again and set %(token)s anew")),
        "account_inactive": Meaning(
            N_("the app was removed from the workspace; install it again and set %(token)s anew")
        ),
        "not_allowed_token_type": Meaning(
            N_("%(token)s is the wrong kind of token: xoxb-… is the bot's, xapp-… the app's")
        ),
        "missing_scope": Meaning(_SCOPE),
        "no_permission": Meaning(_SCOPE),
        "access_denied": Meaning(N_("Slack denies access to this")),
        "accesslimited": Meaning(N_("the workspace does not let Kidoku's network in")),
        "enterprise_is_restricted": Meaning(N_("the app can't be used from the organisation as a whole")),
        "ekm_access_denied": Meaning(N_("the workspace's administrators have suspended posting")),
        "org_login_required": Meaning(
            N_("the workspace is being moved to an organisation; set %(token)s anew after it")
        ),
        "two_factor_setup_required": Meaning(N_("the workspace demands two-factor authentication of the app's owner")),
        "team_access_not_granted": Meaning(N_("the app has no access to this workspace")),
        "team_not_found": Meaning(N_("the message's workspace is gone")),
        "forbidden_team": Meaning(N_("the app may not connect from this workspace")),
        # Where to.
        "channel_not_found": Meaning(N_("there is no such channel, or the bot can't see it; invite it with /invite")),
        "not_in_channel": Meaning(N_("the bot is not in the channel; invite it with /invite")),
        "is_archived": Meaning(N_("the channel is archived")),
        "is_inactive": Meaning(N_("the channel is archived, frozen or deleted")),
        "restricted_action": Meaning(N_("a setting of the workspace forbids posting here")),
        "restricted_action_read_only_channel": Meaning(N_("the channel is read-only")),
        "restricted_action_thread_only_channel": Meaning(N_("the channel takes replies in threads only")),
        "restricted_action_non_threadable_channel": Meaning(N_("the channel takes no threads")),
        "restricted_action_thread_locked": Meaning(N_("the thread is locked")),
        "cannot_reply_to_message": Meaning(N_("the message takes no replies")),
        "channel_is_limited_access": Meaning(N_("Slack denies access to this")),
        "thread_not_found": Meaning(N_("the message is gone")),
        "method_not_supported_for_channel_type": Meaning(N_("this kind of conversation takes no such message")),
        "channel_type_not_supported": Meaning(N_("this kind of conversation takes no such message")),
        # Whom.
        "users_not_found": Meaning(N_("no member of the workspace has this mail address")),
        "user_not_found": Meaning(N_("there is no such member")),
        "user_disabled": Meaning(N_("the member was deactivated")),
        "user_not_visible": Meaning(N_("the bot can't see this member")),
        "user_not_in_channel": Meaning(N_("the member is not in the channel")),
        "user_is_bot": Meaning(N_("the address is a bot's")),
        "cannot_dm_bot": Meaning(N_("the address is a bot's")),
        "messages_tab_disabled": Meaning(N_("the app's Messages tab is off; switch it on under App Home")),
        "invalid_user_combination": Meaning(_ADDRESS),
        "not_enough_users": Meaning(_ADDRESS),
        "too_many_users": Meaning(_ADDRESS),
        "users_list_not_supplied": Meaning(_ADDRESS),
        # The message that was posted.
        "message_not_found": Meaning(N_("the message is gone")),
        "cant_update_message": Meaning(N_("the message is not the bot's own")),
        "cant_broadcast_message": Meaning(N_("the message is not the bot's own")),
        "no_dual_broadcast_content_update": Meaning(_CALL),
        "edit_window_closed": Meaning(N_("the workspace forbids changing messages of this age")),
        "block_mismatch": Meaning(_LAYOUT),
        # What it says.
        "msg_too_long": Meaning(N_("the message is too long for Slack")),
        "msg_blocks_too_long": Meaning(N_("the message is too long for Slack")),
        "no_text": Meaning(N_("the message is empty")),
        "invalid_blocks": Meaning(_LAYOUT),
        "invalid_blocks_format": Meaning(_LAYOUT),
        "invalid_attachments": Meaning(_LAYOUT),
        "too_many_attachments": Meaning(_LAYOUT),
        "too_many_contact_cards": Meaning(_LAYOUT),
        "attachment_payload_limit_exceeded": Meaning(_LAYOUT),
        "markdown_text_conflict": Meaning(_LAYOUT),
        "invalid_metadata_format": Meaning(_METADATA),
        "invalid_metadata_schema": Meaning(_METADATA),
        "invalid_metadata_filter_keys": Meaning(_METADATA),
        "metadata_must_be_sent_from_app": Meaning(_METADATA),
        "metadata_too_large": Meaning(_METADATA),
        "slack_connect_canvas_sharing_blocked": Meaning(_FOREIGN),
        "slack_connect_file_link_sharing_blocked": Meaning(_FOREIGN),
        "slack_connect_lists_sharing_blocked": Meaning(_FOREIGN),
        # A Home tab, and a window.
        "not_enabled": Meaning(N_("the app's Home tab is off; switch it on under App Home")),
        "view_too_large": Meaning(N_("the page is too long for Slack")),
        "hash_conflict": _busy(N_("the page was changed meanwhile")),
        "expired_trigger_id": Meaning(N_("what somebody pressed or typed is too old to open a window")),
        "exchanged_trigger_id": Meaning(N_("what somebody pressed or typed has opened a window already")),
        "invalid_trigger_id": Meaning(_CALL),
        "not_found": Meaning(N_("the window is closed, or not there yet")),
        "duplicate_external_id": Meaning(_CALL),
        "missing_profile_id": Meaning(_CALL),
        "not_implemented": Meaning(_CALL),
        # The call itself: a fault of Kidoku's, or of what stands at api_url.
        "unknown_method": Meaning(N_("what stands at api_url does not know Slack's methods")),
        "deprecated_endpoint": Meaning(_GONE),
        "method_deprecated": Meaning(_GONE),
        "as_user_not_supported": Meaning(_CALL),
        "duplicate_channel_not_found": Meaning(_CALL),
        "duplicate_message_not_found": Meaning(_CALL),
        "invalid_arguments": Meaning(_CALL),
        "invalid_arg_name": Meaning(_CALL),
        "invalid_array_arg": Meaning(_CALL),
        "invalid_charset": Meaning(_CALL),
        "invalid_cursor": Meaning(_CALL),
        "invalid_form_data": Meaning(_CALL),
        "invalid_json": Meaning(_CALL),
        "invalid_limit": Meaning(_CALL),
        "invalid_post_type": Meaning(_CALL),
        "invalid_ts_latest": Meaning(_CALL),
        "invalid_ts_oldest": Meaning(_CALL),
        "invalid_types": Meaning(_CALL),
        "insecure_request": Meaning(_CALL),
        "is_bot": Meaning(_CALL),
        "json_not_object": Meaning(_CALL),
        "missing_args": Meaning(_CALL),
        "missing_argument": Meaning(_CALL),
        "missing_post_type": Meaning(_CALL),
    }
)
