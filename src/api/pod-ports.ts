/** Ports of a pod that an operator runs, beside its listeners; with `portStep` the pod's ordinal shifts all of them. */
export const MESH_PORT = 7946;
export const CONTROL_PORT = 7947;
/** Health, metrics and debug. */
export const HTTP_PORT = 9090;

/** Names of these ports in the pod's object, by which everybody else finds them. */
export const PORT_NAMES = { mesh: 'mesh', control: 'control', http: 'http' } as const;
