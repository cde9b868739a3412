/** Who a process is on the mesh; a boot id is new at each start. */
export interface Identity {
  readonly cluster: string;
  readonly pod: string;
  readonly bootId: string;
}
