// Each check says what it found; the first that fails for a minute ends the test.
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port, TOKEN_FILE, OPERATOR, LEASE, RESOURCES } = process.env;
const API = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;

async function read(url) {
  const headers = url.startsWith(API) ? { Authorization: `Bearer ${readFileSync(TOKEN_FILE, 'utf8').trim()}` } : {};
  const answer = await fetch(url, { headers, signal: AbortSignal.timeout(5000) });
  const body = await answer.text();
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${body.trim()}`);
  return body;
}

async function served() {
  const names = JSON.parse(await read(API + RESOURCES)).resources.map(({ name }) => name);
  for (const name of ['sipclusters', 'sipclusters/status', 'sipclusters/scale', 'dialogshards', 'dialogshards/status'])
    if (!names.includes(name)) throw new Error(`${name} is not served`);
  return 'the CustomResourceDefinitions are served';
}

async function led() {
  const { holderIdentity } = JSON.parse(await read(API + LEASE)).spec;
  if (!holderIdentity) throw new Error('no operator leads');
  return `${holderIdentity} leads`;
}

async function ready() {
  await read(`${OPERATOR}/readyz`);
  return 'an operator is ready';
}

async function check(probe) {
  for (let tries = 1; ; tries++) {
    try {
      return console.log(await probe());
    } catch (error) {
      if (tries === 30) throw error;
      await setTimeout(2000);
    }
  }
}

for (const probe of [served, ready, led]) await check(probe);
