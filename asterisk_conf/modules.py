"""The Asterisk modules we load; each is there because something in our templates or another module needs it."""

from __future__ import annotations

_GROUPS = {
    "": "pbx_config",
    "func_": "callerid channel logic strings hangupcause timeout global uri cut groupcount dialplan devstate "
    "periodic_hook export pjsip_endpoint pjsip_aor pjsip_contact",
    "app_": "dial senddtmf playback mixmonitor queue stack userevent verbose read record voicemail exec "
    "celgenuserevent chanspy bridgeaddchan audiosocket amd talkdetect",
    "res_": "speech agi musiconhold timing_timerfd rtp_asterisk srtp crypto http_websocket sorcery_config "
    "sorcery_memory sorcery_astdb sorcery_realtime config_sqlite3 cdrel_custom pjproject mutestream format_attr_opus "
    "manager_devicestate audiosocket",
    "res_pjsip": "|_session|_sdp_rtp|_registrar|_authenticator_digest|_outbound_authenticator_digest"
    "|_pubsub|_endpoint_identifier_ip|_endpoint_identifier_user|_transport_websocket|_caller_id|_nat|_dtmf_info|_rfc3326"
    "|_acl|_header_funcs|_outbound_registration",
    "chan_": "pjsip bridge_media audiosocket",
    "bridge_": "simple softmix holding native_rtp builtin_features builtin_interval_features",
    "codec_": "ulaw alaw a_mu resample opus_open_source g722",
    "format_": "wav pcm sln",
    "cel_": "custom",
}


def module_names() -> list[str]:
    """Names without ".so", in the order of modules.conf; Asterisk itself sorts out who needs whom."""
    return [prefix + name for prefix, names in _GROUPS.items() for name in names.split("|" if "|" in names else None)]
