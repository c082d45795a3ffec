"""Paths of the foreign protocols. api.middleware has already removed surplus slashes."""

from django.urls import path

import api.paths  # noqa: F401 - registers <number:…>
from api.dialects import callername, carddav, devices, phoneblock, sms, tellows
from api.dialects.gate import dead_end, endpoint, text

look_up = endpoint(text, limit="lookup")
report = endpoint(text, limit="report")
download = endpoint(text, limit="blocklist")
read = endpoint(text, limit="read")
tellows_look_up = endpoint(tellows.complain, limit="lookup", anonymous=True, key_in_query=True)
tellows_read = endpoint(tellows.complain_in_json, limit="read", key_in_query=True)
address_book = endpoint(carddav.complain, limit="contacts")
name = endpoint(callername.complain, limit="lookup", anonymous=True, key_in_query=True)
message = endpoint(text, limit="intake", scope="intake", key_in_query=True)

urlpatterns = [
    path("phoneblock/api/check", look_up(GET=phoneblock.check)),
    path("phoneblock/api/check-prefix", look_up(GET=phoneblock.check_prefix)),
    path("phoneblock/api/num/<number:number>", look_up(GET=phoneblock.num)),
    path("phoneblock/api/rate", report(POST=phoneblock.rate)),
    path("phoneblock/api/report-call/<number:number>", read(POST=phoneblock.report_call)),
    path("phoneblock/api/blocklist", download(GET=phoneblock.list_blocked)),
    path("phoneblock/api/test", read(GET=phoneblock.test)),
    path("phoneblock/api/test-connect", read(GET=phoneblock.test)),
    path("phoneblock/api/blacklist", read(GET=phoneblock.blacklist)),
    path(
        "phoneblock/api/blacklist/<number:number>",
        read(PUT=phoneblock.block, DELETE=phoneblock.forget_unwanted),
    ),
    path("phoneblock/api/whitelist", read(GET=phoneblock.whitelist)),
    path(
        "phoneblock/api/whitelist/<number:number>",
        read(PUT=phoneblock.let_through, DELETE=phoneblock.forget_legitimate),
    ),
    path("phoneblock/api/account", read(GET=devices.account)),
    path("phoneblock/api/dongle/log", read(POST=devices.log)),
    path("phoneblock/api/auth/login-ticket", read(POST=devices.login_ticket)),
    path("phoneblock/auth/login-ticket", devices.follow_ticket),
    path("phoneblock/nums/<number:number>", devices.number),
    path("phoneblock/mobile/login", devices.log_in),
    path(".well-known/carddav", carddav.discover),
    path("phoneblock/contacts", address_book(**carddav.LOOKING)),
    path("phoneblock/contacts/<path:path>", address_book(**carddav.METHODS)),
    path("phoneblock", dead_end(text)),
    path("phoneblock/<path:rest>", dead_end(text)),
    path("compat/tellows/basic/num/<number:number>", tellows_look_up(GET=tellows.look_up)),
    path("compat/tellows/api/getpartnerinfo", tellows_read(GET=tellows.describe_partner)),
    path("compat/cidlookup", name(GET=callername.look_up)),
    path("compat/cidlookup/<number:number>", name(GET=callername.look_up)),
    path("compat/sms", message(GET=sms.take, POST=sms.take)),
    path("compat", dead_end(callername.complain)),
    path("compat/<path:rest>", dead_end(callername.complain)),
]
