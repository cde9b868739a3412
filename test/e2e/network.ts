import { freeNetwork } from '../../src/local/free-network.ts';

const FIRST_NETWORK = 64;
const NETWORKS = 160;

/** A loopback network that nobody uses, most likely another one for each suite that asks at the same time. */
export function testNetwork(): Promise<number> {
  return freeNetwork(FIRST_NETWORK + Math.floor(Math.random() * NETWORKS));
}
