import { connect as connectTcp } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { AddressLookup } from '../../../src/mesh/address-lookup.ts';
import { encodeIntroduction } from '../../../src/mesh/introduction.ts';
import { KeyRing, type MeshKey } from '../../../src/mesh/key-ring.ts';
import { Links, type MeshAddress } from '../../../src/mesh/links.ts';
import { clientSettings } from '../../../src/mesh/tls-settings.ts';
import { freePort, until } from './mesh-cluster.ts';

const KEY: MeshKey = { id: 'k1', secret: Buffer.from('the secret of this mesh') };
const OTHER: MeshKey = { id: 'k2', secret: Buffer.from('another secret') };

interface Setting {
  pod: string;
  peers: Record<string, MeshAddress>;
  bind?: MeshAddress;
  keys?: MeshKey[];
  cluster?: string;
}

/** Links of one pod, and all that they reported, in order. */
class Side {
  readonly events: string[] = [];
  readonly text = new Map<string, string>();
  readonly links: Links;

  constructor(setting: Setting, bind: MeshAddress) {
    const nowMs = (): number => performance.now();
    this.links = new Links(
      {
        self: { cluster: setting.cluster ?? 'edge', pod: setting.pod, bootId: `boot-${setting.pod}` },
        keys: new KeyRing(setting.keys ?? [KEY]),
        bind,
        peers: new Map(Object.entries(setting.peers)),
        lookup: new AddressLookup(bind.address, nowMs),
        nowMs,
        random: Math.random,
      },
      {
        opened: ({ pod, bootId }) => this.events.push(`opened ${pod} ${bootId}`),
        received: (pod, bytes) =>
          this.text.set(pod, (this.text.get(pod) ?? '') + Buffer.from(bytes).toString('latin1')),
        closed: (pod, how) => this.events.push(`closed ${pod} ${how}`),
        refused: (pod) => this.events.push(`refused ${pod}`),
        rejected: (from, how) => this.events.push(`rejected ${from} ${how}`),
      },
    );
  }

  /** Whether the last stream has not been closed. */
  get isOpen(): boolean {
    return this.events.findLast((event) => /^(opened|closed)/.test(event))?.startsWith('opened') === true;
  }

  has(event: string): boolean {
    return this.events.includes(event);
  }

  count(event: string): number {
    return this.events.filter((each) => each === event).length;
  }
}

describe('links', () => {
  const sides: Side[] = [];
  const sockets: { destroy(): unknown }[] = [];

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    for (const { links } of sides.splice(0)) links.stop();
  });

  const place = async (address = '127.0.0.1'): Promise<MeshAddress> => ({
    address,
    port: await freePort(address),
  });

  const start = async (setting: Setting): Promise<Side> => {
    const side = new Side(setting, setting.bind ?? (await place()));
    sides.push(side);
    await side.links.start();
    return side;
  };

  const pair = async (a: Partial<Setting> = {}, b: Partial<Setting> = {}): Promise<[Side, Side]> => {
    const [at, to] = [await place(), await place()];
    return [
      await start({ pod: 'a', bind: at, peers: { b: to }, ...a }),
      await start({ pod: 'b', bind: to, peers: { a: at }, ...b }),
    ];
  };

  const client = (to: MeshAddress): Promise<TLSSocket> =>
    new Promise((resolve, reject) => {
      const socket = connect(
        { ...clientSettings(new KeyRing([KEY])), host: to.address, port: to.port },
        () => {
          resolve(socket);
        },
      );
      socket.on('error', reject);
      sockets.push(socket);
    });

  it('joins two pods by one stream that carries bytes both ways', async () => {
    const [a, b] = await pair();
    await until('open', () => a.has('opened b boot-b') && b.has('opened a boot-a'));
    a.links.write('b', Buffer.from('one '));
    a.links.write('b', Buffer.from('two'));
    b.links.write('a', Buffer.from('back'));
    expect(a.links.waitingBytes).toBe(7);
    a.links.flush();
    b.links.flush();
    await until('carried', () => b.text.get('a') === 'one two' && a.text.get('b') === 'back');
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(a.count('opened b boot-b')).toBe(1);
    expect(b.count('opened a boot-a')).toBe(1);
  });

  it('is dialled by the higher name, too, when the lower one cannot', async () => {
    const at = await place();
    const a = await start({ pod: 'a', bind: at, peers: { b: await place('127.0.0.9') } });
    const b = await start({ pod: 'b', peers: { a: at } });
    expect(await until('open', () => a.has('opened b boot-b') && b.has('opened a boot-a'))).toBe(true);
  });

  it('ends up with one stream when both dial again at the same time', async () => {
    const [a, b] = await pair();
    for (let round = 1; round <= 10; round++) {
      await until('open', () => a.isOpen && b.isOpen);
      a.links.close('b');
      b.links.close('a');
    }
    // What is written while the two streams still decide which one stays is the business of who resumes.
    const isCarried = (): boolean => {
      a.links.write('b', Buffer.from('alive '));
      a.links.flush();
      return b.text.has('a');
    };
    expect(await until('carried', isCarried)).toBe(true);
    const streams =
      a.count('opened b boot-b') - a.events.filter((each) => each.startsWith('closed b')).length;
    expect(streams).toBe(1);
  });

  it('reports a peer that is gone as closed by it and refused, at once and from both ends', async () => {
    for (const gone of [0, 1]) {
      const both = await pair();
      await until('open', () => both[0].events.length > 0 && both[1].events.length > 0);
      const [dead, alive] = gone === 0 ? both : ([both[1], both[0]] as const);
      const name = gone === 0 ? 'a' : 'b';
      dead.links.stop();
      await until('refused', () => alive.has(`refused ${name}`));
      expect(alive.events.indexOf(`closed ${name} remote`)).toBe(alive.events.indexOf(`refused ${name}`) - 1);
      expect(dead.events).not.toContain(`closed ${gone === 0 ? 'b' : 'a'} remote`);
    }
  });

  it('dials a pod that comes later', async () => {
    const to = await place();
    const a = await start({ pod: 'a', peers: { b: to } });
    await until('refused', () => a.has('refused b'));
    await start({ pod: 'b', bind: to, peers: { a: await place('127.0.0.9') } });
    expect(await until('open', () => a.has('opened b boot-b'))).toBe(true);
  });

  it('refuses a wrong key at both ends', async () => {
    const [a, b] = await pair({}, { keys: [{ ...KEY, secret: OTHER.secret }] });
    await until('rejected', () => a.has('rejected b handshake') && b.has('rejected 127.0.0.1 handshake'));
    expect([...a.events, ...b.events].filter((event) => event.startsWith('opened'))).toEqual([]);
  });

  it('refuses a key that it does not know, and takes each one that it knows', async () => {
    const [a, b] = await pair({ keys: [OTHER] });
    await until('rejected', () => a.has('rejected b handshake') && b.has('rejected 127.0.0.1 handshake'));
    const [c, d] = await pair({ keys: [OTHER, KEY] }, { keys: [KEY, OTHER] });
    expect(await until('open', () => c.has('opened b boot-b') && d.has('opened a boot-a'))).toBe(true);
  });

  it('closes the connections of strangers: another cluster, no member, meant for another pod', async () => {
    const [a, b] = await pair({ cluster: 'core' });
    await until('another cluster', () => b.has('rejected  stranger'));
    const at = await place();
    const d = await start({ pod: 'd', bind: at, peers: { f: await place() } });
    const e = await start({ pod: 'e', peers: { d: at } });
    await until('no member', () => d.has('rejected  stranger'));
    const g = await start({ pod: 'f', peers: { h: at } });
    e.links.stop();
    const strangers = d.count('rejected  stranger');
    await until('meant for another', () => d.count('rejected  stranger') > strangers);
    const all = [a, b, d, e, g].flatMap(({ events }) => events);
    expect(all.filter((event) => event.startsWith('opened'))).toEqual([]);
  });

  it('counts what is not TLS, not an introduction, or silent', async () => {
    const at = await place();
    const a = await start({ pod: 'a', bind: at, peers: { b: await place() } });
    const plain = connectTcp(at.port, at.address, () => plain.write('GET / HTTP/1.1\r\n\r\n'));
    plain.on('error', () => undefined);
    sockets.push(plain);
    await until('no TLS', () => a.has('rejected 127.0.0.1 handshake'));
    const rude = await client(at);
    rude.write('GET / HTTP/1.1\r\n\r\n');
    await until('no introduction', () => a.has('rejected  stranger'));
    await client(at);
    expect(await until('silent', () => a.has('rejected  timeout'))).toBe(true);
  });

  it('gives up a peer that does not read', async () => {
    const at = await place();
    const a = await start({ pod: 'a', bind: at, peers: { b: await place('127.0.0.9') } });
    const slow = await client(at);
    slow.write(encodeIntroduction({ cluster: 'edge', pod: 'b', bootId: 'slow' }, 'a'));
    await until('open', () => a.has('opened b slow'));
    slow.pause();
    const chunk = Buffer.alloc(64 * 1024);
    await until('closed', () => {
      for (let count = 0; count < 32; count++) a.links.write('b', chunk);
      a.links.flush();
      return a.has('closed b error');
    });
    expect(a.links.waitingBytes).toBe(0);
  });

  it('takes the newer process of a pod', async () => {
    const at = await place();
    const a = await start({ pod: 'a', bind: at, peers: { b: await place('127.0.0.9') } });
    for (const bootId of ['first', 'second']) {
      const socket = await client(at);
      socket.on('close', () => undefined);
      socket.write(encodeIntroduction({ cluster: 'edge', pod: 'b', bootId }, 'a'));
      await until(`open ${bootId}`, () => a.has(`opened b ${bootId}`));
    }
    const story = a.events.filter((event) => !event.startsWith('refused'));
    expect(story).toEqual(['opened b first', 'closed b error', 'opened b second']);
  });

  it('speaks IPv6', async () => {
    const [at, to] = [await place('::1'), await place('::1')];
    const a = await start({ pod: 'a', bind: at, peers: { b: to } });
    const b = await start({ pod: 'b', bind: to, peers: { a: at } });
    expect(await until('open', () => a.has('opened b boot-b') && b.has('opened a boot-a'))).toBe(true);
  });

  it('says that its address is taken', async () => {
    const at = await place();
    await start({ pod: 'a', bind: at, peers: {} });
    await expect(start({ pod: 'b', bind: at, peers: {} })).rejects.toThrow('EADDRINUSE');
  });
});
