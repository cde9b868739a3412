/** Methods that the pod relays inside a dialog. */
export const METHODS: readonly string[] = [
  'INVITE',
  'ACK',
  'CANCEL',
  'BYE',
  'OPTIONS',
  'PRACK',
  'UPDATE',
  'INFO',
  'REFER',
  'NOTIFY',
  'MESSAGE',
];

/** Value of Allow in what the pod answers by itself (RFC 3261 §20.5). */
export const ALLOW: string = METHODS.join(', ');
