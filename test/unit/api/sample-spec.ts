/** A spec of a SipCluster without problems; `changes` replaces fields of the top level. */
export function sampleSpec(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    listeners: [
      { name: 'public', transports: ['UDP', 'TCP'], port: 5060 },
      { name: 'internal', port: 5070 },
    ],
    routes: [{ from: 'public', to: 'media', via: 'internal' }],
    targets: [{ name: 'media', addresses: ['10.0.3.10:5060'] }],
    ...changes,
  };
}
