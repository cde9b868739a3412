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

/** Option tags that the pod lets pass from end to end (RFC 3261 §8.2.2.3); others are refused with 420. */
export const EXTENSIONS: readonly string[] = [
  '100rel',
  'timer',
  'replaces',
  'norefersub',
  'precondition',
  'early-session',
  'from-change',
  'histinfo',
  'join',
  'tdialog',
  'answermode',
  'privacy',
  'uui',
  'record-aware',
  'resource-priority',
];

/** Value of Allow in what the pod answers by itself (RFC 3261 §20.5). */
export const ALLOW: string = METHODS.join(', ');
