import { parseParams, type Params } from './params.ts';

/** One Via value (RFC 3261 §20.42). */
export interface Via {
  /** `SIP/2.0`. */
  protocol: string;
  /** Upper case. */
  transport: string;
  /** IPv6 literals keep their brackets. */
  host: string;
  port: number | undefined;
  params: Params;
}

const VIA = /^([^\s/]+)\s*\/\s*([^\s/]+)\s*\/\s*([^\s;]+)\s+(\[[0-9a-fA-F:.]+\]|[^\s;:[\]]+)\s*(?::\s*(\d{1,5}))?\s*(;.*)?$/;

/** Undefined when malformed. */
export function parseVia(value: string): Via | undefined {
  const found = VIA.exec(value);
  if (!found) return undefined;
  const [, protocol = '', version = '', transport = '', host = '', port, rest = ''] = found;
  const params = parseParams(rest, 0);
  if (!params) return undefined;
  return {
    protocol: `${protocol}/${version}`,
    transport: transport.toUpperCase(),
    host,
    port: port === undefined ? undefined : Number(port),
    params,
  };
}
