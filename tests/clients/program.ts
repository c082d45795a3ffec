// What a program in TypeScript does with the API: it must compile under strict. Not run.
import createClient from "openapi-fetch";
import type { paths } from "./api.js";

// Chooses the JSON of operations that also answer as text.
const client = createClient<paths, `application/${string}`>({ baseUrl: "http://127.0.0.1:8000" });

const { data, error } = await client.GET("/v1/numbers/{number}", {
  params: { path: { number: "+12025550143" }, query: { region: "US" } },
});
if (data) {
  const action: "allow" | "flag" | "block" = data.action;
  const reasons: string[] = data.reasons;
  console.log(action, data.score + data.confidence, data.own_rule ?? "", reasons);
} else {
  const title: string = error.title;
  console.log(error.type, title);
}

const many = await client.POST("/v1/numbers/lookup", {
  body: { numbers: ["+12025550143", "anonymous"], region: "US" },
});
for (const each of many.data?.results ?? []) {
  console.log("error" in each ? each.code : each.action);
}

const report = await client.POST("/v1/reports", {
  body: { number: "+12025550143", category: "robocall" },
  headers: { "Idempotency-Key": "1" },
});
console.log(report.data?.id, report.data?.next_steps);

const rule = await client.POST("/v1/me/list", { body: { pattern: "+4930*", action: "block" } });
console.log(rule.data?.prefix);
// @ts-expect-error -- no such action
await client.POST("/v1/me/list", { body: { pattern: "+4930*", action: "maim" } });
// @ts-expect-error -- no such operation
await client.GET("/v1/nothing");
