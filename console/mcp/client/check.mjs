// Uses a Leadline as assistants do: over HTTP with a token, and over stdio.
import assert from "node:assert/strict";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const { ADDRESS, TOKEN, BOUND } = process.env;

async function connect(token) {
  const client = new Client({ name: "check", version: "1" });
  await client.connect(new StreamableHTTPClientTransport(new URL(ADDRESS), {
    requestInit: { headers: { Authorization: `Bearer ${token}` } },
  }));
  return client;
}

const text = (result) => result.content.map((c) => c.text).join("\n");

const staff = await connect(TOKEN);
const { tools } = await staff.listTools();
assert.deepEqual(tools.map((t) => t.name).sort(), [
  "get_customer_context", "get_meeting", "list_action_items", "list_meetings", "search_meetings",
]);
for (const tool of tools) {
  assert.equal(tool.annotations.readOnlyHint, true, tool.name);
  assert.equal(tool.annotations.openWorldHint, false, tool.name);
}
const call = async (client, name, args = {}) => client.callTool({ name, arguments: args });

for (const [name, args, wanted] of [
  ["search_meetings", { query: "pier" }, "pier of"],
  ["get_customer_context", { customer: "Amber Works", question: "railing" }, "# Amber Works"],
  ["get_customer_context", { email: "ann@amber.example" }, "Ann Berg"],
  ["get_meeting", { id: "harbour/fathom/1001" }, "the new pier"],
  ["list_meetings", { limit: 2 }, "There is more: before"],
  ["list_action_items", {}, "drawings of the pier"],
]) {
  const answer = await call(staff, name, args);
  assert.ok(!answer.isError, `${name}: ${text(answer)}`);
  assert.ok(text(answer).includes(wanted), `${name}: ${text(answer)}`);
  assert.ok(text(answer).includes("not instruction"), `${name} does not warn`);
}
for (const [name, args] of [
  ["search_meetings", {}], ["search_meetings", { query: "pier", limit: 1000 }], ["get_meeting", { id: "foreign/fathom/1001" }],
  ["get_customer_context", {}], ["search_meetings", { query: "pier", org: "foreign" }],
]) {
  const refused = await call(staff, name, args).catch((error) => ({ isError: true, content: [{ text: String(error) }] }));
  assert.ok(refused.isError, `${name} ${JSON.stringify(args)} is answered with ${text(refused)}`);
}

const { resources } = await staff.listResources();
assert.ok(resources.some((r) => r.uri === "leadline://harbour/fathom/1001"));
const { resourceTemplates } = await staff.listResourceTemplates();
assert.equal(resourceTemplates[0].uriTemplate, "leadline://{org}/{provider}/{recording}");
const { contents } = await staff.readResource({ uri: "leadline://harbour/fathom/1001" });
assert.ok(contents[0].text.includes("the new pier"));

const amber = await connect(BOUND);
assert.ok(!text(await call(amber, "list_meetings")).includes("fathom/1002"));
assert.ok((await call(amber, "get_meeting", { id: "harbour/fathom/1002" })).isError);
assert.ok((await call(amber, "search_meetings", { query: "pier", customer: "co_birch" })).isError);
assert.ok(text(await call(amber, "get_customer_context")).includes("# Amber Works"));
await assert.rejects(amber.readResource({ uri: "leadline://harbour/fathom/1002" }));

await assert.rejects(connect("ll_harbour.aaaaaaaaaaaaa.WRONG"));
await staff.close();
await amber.close();
console.log("all as an assistant expects");
