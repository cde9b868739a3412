import { afterEach, describe, expect, test } from '@jest/globals';
import { ControlClient } from '../../../src/operator/links/control-client.ts';
import { PodLink, type WishedState } from '../../../src/operator/links/pod-link.ts';
import { stateDigest } from '../../../src/reconcile/digest.ts';
import { KeyRing } from '../../../src/mesh/key-ring.ts';
import { emptyReport, FakeControlServer, testRing } from './fake-control-server.ts';
import { silentLog, until } from '../../unit/operator/support.ts';

const WISH: WishedState = {
  roster: { number: 1, members: [], floor: {} },
  peers: [],
  tags: [],
  handOver: [],
  cordoned: false,
  cordonReason: '',
  routes: [],
  targets: [],
  rehoming: { method: 'Reinvite', legsPerSecond: 100, perPeer: { legsPerSecond: 10, maxInFlight: 10 } },
};

const cleanUp: (() => void | Promise<void>)[] = [];

afterEach(async () => {
  for (const act of cleanUp.splice(0).reverse()) await act();
});

async function serve(boot = 'b1', port = 0): Promise<{ server: FakeControlServer; port: number }> {
  const server = new FakeControlServer(emptyReport('edge-0.aaaa', boot));
  const taken = await server.start('127.0.0.1', port);
  cleanUp.push(() => server.stop());
  return { server, port: taken };
}

function linkTo(
  port: number,
  ring = testRing(),
): { link: PodLink; changes: number[]; terms: { own: number } } {
  const terms = { own: 3 };
  const changes: number[] = [];
  const link = new PodLink({
    pod: 'edge-0',
    client: new ControlClient({ address: '127.0.0.1', port }, ring),
    term: () => terms.own,
    onHigherTerm: (term) => {
      terms.own = term + 1;
    },
    onChange: () => changes.push(1),
    nowMs: () => Date.now(),
    random: () => 0.5,
    log: silentLog,
  });
  cleanUp.push(() => {
    link.stop();
  });
  link.start();
  return { link, changes, terms };
}

describe('a link to a pod', () => {
  test('has the report at once, and again when it changes', async () => {
    const { server, port } = await serve();
    const { link, changes } = linkTo(port);
    await until(() => link.view.report !== undefined);
    expect(link.view.unreachableSinceMs).toBeUndefined();
    const before = changes.length;
    server.change({ ringing: 7 });
    await until(() => link.view.report?.ringing === 7);
    expect(changes.length).toBeGreaterThan(before);
  });

  test('sends a wish once, under the term and a growing generation', async () => {
    const { server, port } = await serve();
    const { link } = linkTo(port);
    await until(() => link.view.report !== undefined);
    link.wish(WISH);
    link.wish({ ...WISH });
    await until(() => link.view.sentState === stateDigest(WISH));
    link.wish({ ...WISH, cordoned: true });
    await until(() => server.states.length === 2);
    expect(server.states.map(({ term, generation }) => [term, generation])).toEqual([
      [3, 1],
      [3, 2],
    ]);
  });

  test('sends a wish that was made before the pod answered', async () => {
    const { server, port } = await serve();
    await server.stop();
    cleanUp.length = 0;
    const { link } = linkTo(port);
    link.wish(WISH);
    await until(() => link.view.report === undefined && link.view.unreachableSinceMs !== undefined);
    const next = await serve('b1', port);
    await until(() => link.view.sentState === stateDigest(WISH));
    expect(next.server.states).toHaveLength(1);
  });

  test('tells a pod that started anew its wish again', async () => {
    const { server, port } = await serve('b1');
    const { link } = linkTo(port);
    link.wish(WISH);
    await until(() => link.view.sentState !== '');
    await server.stop();
    await until(() => link.view.unreachableSinceMs !== undefined);
    const next = await serve('b2', port);
    await until(() => link.view.report?.status.boot === 'b2' && link.view.sentState !== '');
    expect(next.server.states).toHaveLength(1);
  });

  test('raises its term above a state that another leader sent', async () => {
    const { server, port } = await serve();
    server.report = { ...server.report, term: 9, generation: 4 };
    const { link, terms } = linkTo(port);
    await until(() => link.view.report !== undefined);
    link.wish(WISH);
    await until(() => link.view.sentState === stateDigest(WISH));
    expect(terms.own).toBe(10);
    expect(server.states.at(-1)?.term).toBe(10);
  });

  test('does not count a state as sent that the pod refused', async () => {
    const { server, port } = await serve();
    server.refusal = { status: 400, problem: { code: 'CONTROL_BODY', message: 'tags: must be a list' } };
    const { link } = linkTo(port);
    await until(() => link.view.report !== undefined);
    link.wish(WISH);
    server.change({ ringing: 1 });
    await until(() => link.view.report?.ringing === 1);
    expect(link.view.sentState).toBe('');
    server.refusal = undefined;
    const better = { ...WISH, cordoned: true };
    link.wish(better);
    await until(() => link.view.sentState === stateDigest(better), 10_000);
  }, 20_000);

  test('gets nothing from a pod with another key', async () => {
    const { port } = await serve();
    const stranger = new KeyRing([{ id: 'k1', secret: Buffer.from('not-the-secret-of-the-cluster-at-all') }]);
    const { link, changes } = linkTo(port, stranger);
    await until(() => changes.length > 0 || link.view.unreachableSinceMs !== undefined);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(link.view.report).toBeUndefined();
  });
});
