// Calls the built-in service through Google's official Node client, as a test asks for it.
//
//   node client.mjs v1 grpc 8470     (or v1beta1; rest and the REST port)
//
// Each line of the input is a call, {"service": "AutoMlClient", "method": "listModels", "request": {...}}; each line of
// the output is what became of it: {"answer": ...} or {"error": {"code", "message", "details"}}.

import { createInterface } from 'node:readline';
import automl from '@google-cloud/automl';
import { PassThroughClient } from 'google-auth-library';
import { grpc } from 'google-gax';

const [version, transport, port] = process.argv.slice(2);

const overTransport = {
  grpc: () => ({ sslCreds: grpc.credentials.createInsecure(), 'grpc.enable_http_proxy': 0 }),
  rest: () => ({ fallback: 'rest', protocol: 'http' }),
};

const clients = {};

function clientOf(service) {
  clients[service] ??= new automl[version][service]({
    apiEndpoint: '127.0.0.1',
    port: Number(port),
    authClient: new PassThroughClient(),
    ...overTransport[transport](),
  });
  return clients[service];
}

async function call({ service, method, request }) {
  const [answer] = await clientOf(service)[method](request);
  if (typeof answer?.promise !== 'function') {
    return answer;
  }
  // A long-running operation: its end counts.
  const [, metadata, operation] = await answer.promise();
  return { name: operation.name, done: operation.done, metadata };
}

for await (const line of createInterface({ input: process.stdin })) {
  const outcome = await call(JSON.parse(line)).then(
    answer => ({ answer }),
    ({ code, message, statusDetails }) => ({ error: { code, message, details: statusDetails ?? [] } }),
  );
  console.log(JSON.stringify(outcome));
}
