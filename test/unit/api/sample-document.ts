/** A config document without problems; `changes` replaces settings of the top level. */
export function sampleDocument(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    cluster: 'edge',
    pod: 'edge-0',
    dataDir: 'data',
    roster: {
      members: [
        { pod: 'edge-0', mesh: '10.0.0.1:7946' },
        { pod: 'edge-1', mesh: '10.0.0.2:7946' },
        { pod: 'watcher', role: 'witness', mesh: 'watcher.example:7946' },
      ],
    },
    mesh: { keys: [{ id: 'first', secret: 'sixteen letters!' }] },
    listeners: [{ name: 'public', bind: '10.0.0.1' }],
    routes: [{ from: 'public', to: 'media', via: 'public' }],
    targets: [{ name: 'media', addresses: ['10.0.3.10'] }],
    ...changes,
  };
}
