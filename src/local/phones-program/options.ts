import { parseArgs } from 'node:util';
import { parseHostPort, type HostPort } from '../../api/address.ts';

export const PHONES_USAGE = `rehome phones [options]: callers and callees for tests of a cluster, each call with a ledger of its messages

  --sip-bind H:P    where callees are, over UDP and TCP (POD_IP:5060); callers get ports of their own at this address
  --http-bind H:P   where runs of calls are started, ended and read, as JSON (POD_IP:8080)
  --help            this text

  POST /runs                  start calls: {"name":"a","through":["edge:5060"],"count":100,"perSecond":20,"holdMs":0,
                              "talkEveryMs":1000,"transport":"UDP","sockets":8}; count 0 goes on until it is stopped
  GET  /runs/NAME             its ledger; GET /ledger has those of all runs
  GET  /runs/NAME/contacts    only where its calls are, for whoever asks often
  POST /runs/NAME/stop        place no more calls
  POST /runs/NAME/hang-up     stop, hang all calls up, and answer with the ledger
  DELETE /runs/NAME           hang up and forget

Reached through the Kubernetes API too: kubectl get --raw /api/v1/namespaces/NS/pods/POD:8080/proxy/ledger

The exit code is 0 after SIGTERM or SIGINT, 2 if an option is wrong, 1 if the program cannot run.
`;

/** Where the phones are. */
export interface PhonesOptions {
  sip: HostPort;
  http: HostPort;
}

const FLAGS = {
  'sip-bind': { type: 'string' },
  'http-bind': { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Reads the command line; undefined for --help. Throws Error with one line for the person if it is wrong. */
export function readPhonesOptions(argv: string[], podIp = '127.0.0.1'): PhonesOptions | undefined {
  const { values } = parseArgs({ args: argv, options: FLAGS });
  if (values.help) return undefined;
  const host = podIp.includes(':') ? `[${podIp}]` : podIp;
  return {
    sip: placeOf('--sip-bind', values['sip-bind'] ?? `${host}:5060`),
    http: placeOf('--http-bind', values['http-bind'] ?? `${host}:8080`),
  };
}

function placeOf(option: string, text: string): HostPort {
  const place = parseHostPort(text);
  if (place === undefined) throw new Error(`${option} must be host:port, not ${text}`);
  return place;
}
