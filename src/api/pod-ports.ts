/** Ports of a pod that an operator runs, beside its listeners. */
export const MESH_PORT = 7946;
export const CONTROL_PORT = 7947;
/** Health, metrics and debug. */
export const HTTP_PORT = 9090;
