import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { connect, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { encodeIntroduction } from '../../../src/mesh/introduction.ts';
import { KeyRing } from '../../../src/mesh/key-ring.ts';
import { ProbeSeal } from '../../../src/mesh/probe-seal.ts';
import { clientSettings } from '../../../src/mesh/tls-settings.ts';
import { TEST_KEY, TestCluster, until, type TestPod } from './mesh-cluster.ts';

const TAG = 'edge-00';
const FAKE = { cluster: 'edge', pod: 'edge-1', bootId: 'fake' };

describe('a member and what it should not trust', () => {
  let cluster: TestCluster;
  let pod: TestPod;
  const sockets: { destroy(): unknown }[] = [];
  const keys = new KeyRing([{ id: TEST_KEY.id, secret: Buffer.from(TEST_KEY.secret) }]);

  beforeEach(async () => {
    cluster = await TestCluster.create(['edge-0', 'edge-1', 'edge-2'], [TAG]);
    pod = await cluster.start(cluster.config('edge-0'));
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await cluster.end();
  });

  const introduced = async (): Promise<TLSSocket> => {
    const { address, port } = cluster.place('edge-0');
    const socket = connect({ ...clientSettings(keys), host: address, port });
    sockets.push(socket);
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('secureConnect', resolve));
    socket.write(encodeIntroduction(FAKE, 'edge-0'));
    await until('its introduction is answered', () => socket.bytesRead > 0);
    return socket;
  };

  const datagram = (bytes: Uint8Array): void => {
    const { address, port } = cluster.place('edge-0');
    const socket = createSocket('udp4');
    socket.send(bytes, port, address, () => socket.close());
  };

  it('counts a damaged frame and closes the stream', async () => {
    for (let round = 1; round <= 3; round++) {
      const socket = await introduced();
      let closed = false;
      socket.on('close', () => (closed = true));
      socket.resume();
      socket.write(Buffer.alloc(200, 0xff));
      await until('closed', () => closed);
      expect(await pod.drops('frame_broken')).toBe(round);
    }
  });

  it('counts a probe under a good seal that is no probe', async () => {
    datagram(new ProbeSeal(FAKE, keys, Date.now()).seal('edge-0', Buffer.from('nonsense')));
    await until('counted', async () => (await pod.drops('probe_broken')) === 1);
    expect(pod.node.report().members.some(({ alive }) => alive)).toBe(false);
  });

  it('counts datagrams that are noise, forged, or heard before', async () => {
    datagram(Buffer.from('noise'));
    await until('noise', async () => (await pod.drops('probe_malformed')) === 1);
    const wrong = new KeyRing([{ id: TEST_KEY.id, secret: Buffer.from('guessed') }]);
    datagram(new ProbeSeal(FAKE, wrong, Date.now()).seal('edge-0', Buffer.from('x')));
    await until('forged', async () => (await pod.drops('probe_mac')) === 1);
    const recorded = new ProbeSeal(FAKE, keys, Date.now()).seal('edge-0', Buffer.from('x'));
    datagram(recorded);
    await until('first time', async () => (await pod.drops('probe_broken')) === 1);
    datagram(recorded);
    await until('second time', async () => (await pod.drops('probe_replay')) === 1);
    expect(await pod.drops('probe_broken')).toBe(1);
  });

  it('is not joined by a pod with a wrong key, and is by one whose key comes second', async () => {
    const { mesh } = cluster.config('edge-1');
    const wrong = {
      ...mesh,
      bind: cluster.place('edge-1'),
      keys: [{ id: TEST_KEY.id, secret: 'a wrong one' }],
    };
    const stranger = await cluster.start(cluster.config('edge-1', { mesh: wrong }));
    await until('streams refused', async () => (await pod.drops('mesh_handshake')) > 0);
    await until('probes refused', async () => (await pod.drops('probe_mac')) > 0);
    expect(pod.node.report().members.some(({ alive, linked }) => alive || linked)).toBe(false);
    await cluster.stop(stranger);
    const right = { ...mesh, bind: cluster.place('edge-1'), keys: [{ id: 'k2', secret: 'next' }, TEST_KEY] };
    await cluster.start(cluster.config('edge-1', { mesh: { ...right, keys: right.keys.toReversed() } }));
    await until('joined', () => pod.node.report().members.some(({ alive, linked }) => alive && linked));
  });

  it('starts as a new voter when its file is damaged, and says so', async () => {
    await cluster.stop(pod);
    writeFileSync(`${cluster.config('edge-0').dataDir}/voter`, 'damaged');
    const again = await cluster.start(cluster.config('edge-0'));
    expect(again.seen('note').map(({ code }) => code)).toContain('voter-file-damaged');
    expect(again.log.join('')).toContain('voter file is damaged');
  });
});
