import type { Transport } from '../dialog/record.ts';

/** Where a message came from and how to answer it: a listener's socket or connection, of this pod or of `via`. */
export interface Flow {
  listener: string;
  transport: Transport;
  /** Literal address of the far end. */
  address: string;
  port: number;
  /** The pod whose socket this is, when it is not this pod's. */
  via?: string;
}

/** Sends one message along a flow; `failed` is called at most once, when a transport says it could not be sent. */
export type SendAlong = (flow: Flow, text: string, failed?: () => void) => void;
