// Runs Fathom's TypeScript SDK against a simulator, unchanged and as its pages show it. Leadline's TestSDKs starts
// this with SIMULATOR (the server's root), KEY, MEETINGS (how many have ended) and PENDING (a recording that has not).
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { Fathom } from "fathom-typescript";

const { SIMULATOR, KEY, MEETINGS, PENDING } = process.env;
const fathom = new Fathom({ serverURL: `${SIMULATOR}/external/v1`, security: { apiKeyAuth: KEY } });

// The SDK answers 400, 401 and 429 with undefined; every check below fails on that.
const sizes = [];
const ids = new Set();
for await (const page of await fathom.listMeetings({
  includeTranscript: true,
  includeSummary: true,
  includeActionItems: true,
  includeCrmMatches: true,
})) {
  sizes.push(page.result.items.length);
  for (const meeting of page.result.items) {
    ids.add(meeting.recordingId);
    assert.ok(meeting.transcript.length > 0);
    assert.ok(meeting.defaultSummary.markdownFormatted);
    assert.ok(meeting.actionItems.length > 0);
  }
}
assert.equal(ids.size, Number(MEETINGS));
assert.deepEqual(sizes.slice(0, -1), sizes.slice(0, -1).fill(10));
assert.ok(sizes.length > 1, "want more than one page");

const filtered = [];
for await (const page of await fathom.listMeetings({
  calendarInviteesDomains: ["quarrystone.example"],
  calendarInviteesDomainsType: "one_or_more_external",
  recordedBy: ["ana@lanternfish.example", "nobody@lanternfish.example"],
  createdAfter: "2020-01-01T00:00:00Z",
})) {
  filtered.push(...page.result.items);
}
assert.ok(filtered.length > 0 && filtered.length < ids.size);
assert.ok(filtered.every((meeting) => meeting.transcript === undefined));

const [recordingId] = ids;
const { transcript } = await fathom.getRecordingTranscript({ recordingId, destinationUrl: "" });
assert.match(transcript[0].timestamp, /^\d\d:\d\d:\d\d$/);
const { summary } = await fathom.getRecordingSummary({ recordingId });
assert.ok(summary.markdownFormatted);

for await (const page of await fathom.listTeams()) assert.ok(page.result.items[0].name);
for await (const page of await fathom.listTeamMembers({})) assert.ok(page.result.items[0].email);

const receiver = createServer();
receiver.listen(0, "127.0.0.1");
await once(receiver, "listening");
const webhook = await fathom.createWebhook({
  destinationUrl: `http://127.0.0.1:${receiver.address().port}/hook`,
  includeTranscript: true,
  triggeredFor: ["my_recordings"],
});
assert.match(webhook.secret, /^whsec_/);

const delivered = once(receiver, "request");
const ended = await fetch(`${SIMULATOR}/control/meetings/${PENDING}/end`, { method: "POST" });
assert.deepEqual(await ended.json(), { recording_id: Number(PENDING), fired: 1 });
const [request, response] = await delivered;
const chunks = [];
for await (const chunk of request) chunks.push(chunk);
const body = Buffer.concat(chunks);
const meeting = Fathom.verifyWebhook(webhook.secret, request.headers, body);
assert.equal(meeting.recording_id, Number(PENDING));
assert.throws(() => Fathom.verifyWebhook(webhook.secret, request.headers, Buffer.concat([body, Buffer.from(" ")])));
response.writeHead(204).end();
receiver.close();

await fathom.deleteWebhook({ id: webhook.id });
// A second delete is 404, which the SDK also turns into undefined; the simulator's own status is what counts.
const again = await fetch(`${SIMULATOR}/external/v1/webhooks/${webhook.id}`, {
  method: "DELETE",
  headers: { "X-Api-Key": KEY },
});
assert.equal(again.status, 404);

const stranger = new Fathom({ serverURL: `${SIMULATOR}/external/v1`, security: { apiKeyAuth: "wrong" } });
for await (const page of await stranger.listMeetings({})) assert.equal(page, undefined);
console.log(`fathom-typescript: ${ids.size} meetings in ${sizes.length} pages, webhook verified`);
