import { request } from 'node:http';
import type { Container, HttpProbe } from '../../kube/objects.ts';

const DEFAULT_TIMEOUT_SECONDS = 1;
const FIRST_REFUSAL = 400;

/** Asks a container at its pod's address; true for an answer from 200 to 399 in time. */
export type AskProbe = (address: string, container: Container, probe: HttpProbe) => Promise<boolean>;

/** A probe over HTTP, on a connection of its own each time, so that a stopped process does not answer by an old one. */
export const askHttpProbe: AskProbe = (address, container, { httpGet, timeoutSeconds }) => {
  const timeout = (timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000;
  const port = portOf(container, httpGet.port);
  return new Promise((resolve) => {
    const asked = request(
      { host: address, port, path: httpGet.path, agent: false, signal: AbortSignal.timeout(timeout) },
      (response) => {
        response.resume();
        const { statusCode = 0 } = response;
        resolve(statusCode >= 200 && statusCode < FIRST_REFUSAL);
      },
    );
    asked.once('error', () => {
      resolve(false);
    });
    asked.end();
  });
};

function portOf({ ports = [] }: Container, port: number | string): number {
  if (typeof port === 'number') return port;
  return ports.find(({ name }) => name === port)?.containerPort ?? Number(port);
}
