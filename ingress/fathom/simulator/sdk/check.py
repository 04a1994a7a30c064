"""Runs Fathom's Python SDK against a simulator, unchanged and as its pages show it.

Leadline's TestSDKs starts this with SIMULATOR (the server's root), KEY, MEETINGS (how many have ended) and PENDING
(a recording that has not).
"""

import json
import os
import queue
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

from fathom_python import Fathom, errors, models

ROOT, KEY = os.environ["SIMULATOR"], os.environ["KEY"]
MEETINGS, PENDING = int(os.environ["MEETINGS"]), int(os.environ["PENDING"])

received = queue.Queue()


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        received.put((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args):
        pass


def client(key):
    # The URL belongs to the client: given per call, the SDK loses it on the second page.
    return Fathom(server_url=ROOT + "/external/v1", security=models.Security(api_key_auth=key))


def refused(status, call):
    try:
        call()
    except errors.APIError as error:
        assert error.status_code == status, error
    else:
        raise AssertionError(f"want status {status}")


def pages(page):
    while page is not None:
        yield page.result
        page = page.next()


def main():
    with client(KEY) as fathom:
        sizes, ids = [], set()
        listing = fathom.list_meetings(
            include_transcript=True,
            include_summary=True,
            include_action_items=True,
            include_highlights=True,
            include_crm_matches=True,
        )
        for page in pages(listing):
            sizes.append(len(page.items))
            for meeting in page.items:
                ids.add(meeting.recording_id)
                assert meeting.transcript and meeting.action_items
                assert meeting.default_summary.markdown_formatted
        assert len(ids) == MEETINGS and len(sizes) > 1, (len(ids), sizes)

        filtered = fathom.list_meetings(
            calendar_invitees_domains=["quarrystone.example"],
            recorded_by=["ana@lanternfish.example", "nobody@lanternfish.example"],
            created_after="2020-01-01T00:00:00Z",
        )
        found = [meeting for page in pages(filtered) for meeting in page.items]
        assert 0 < len(found) < MEETINGS, len(found)
        assert all(meeting.transcript is None or not meeting.transcript for meeting in found)
        nothing = fathom.list_meetings(meeting_type="no such type")
        assert nothing.result.items == []

        recording = next(iter(ids))
        transcript = fathom.get_recording_transcript(recording_id=recording)
        assert transcript.transcript[0].text
        summary = fathom.get_recording_summary(recording_id=recording)
        assert summary.summary.markdown_formatted
        refused(404, lambda: fathom.get_recording_summary(recording_id=999999))
        refused(400, lambda: fathom.list_meetings(created_after="yesterday"))

        assert fathom.list_teams().result.items
        assert fathom.list_team_members().result.items
        assert fathom.list_meeting_types().result.items

        server = HTTPServer(("127.0.0.1", 0), Receiver)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        webhook = fathom.create_webhook(
            destination_url=f"http://127.0.0.1:{server.server_port}/hook",
            include_transcript=True,
            triggered_for=[models.CreateWebhookTriggeredFor.MY_RECORDINGS],
        )
        end = urllib.request.Request(f"{ROOT}/control/meetings/{PENDING}/end", method="POST")
        with urllib.request.urlopen(end) as answer:
            assert json.load(answer)["fired"] == 1
        headers, body = received.get(timeout=10)
        meeting = Fathom.verify_webhook(webhook.secret, headers, body.decode())
        assert meeting["recording_id"] == PENDING
        try:
            Fathom.verify_webhook(webhook.secret, headers, body.decode() + " ")
        except Exception as error:
            assert "signature" in str(error).lower(), error
        else:
            raise AssertionError("an altered body was verified")
        server.shutdown()

        fathom.delete_webhook(id=webhook.id)
        refused(404, lambda: fathom.delete_webhook(id=webhook.id))

    with client("wrong") as stranger:
        refused(401, stranger.list_meetings)
    print(f"fathom-python: {len(ids)} meetings in {len(sizes)} pages, webhook verified")


main()
