/** Why a text is no SIP message that can be represented; the codes are stable and serve as metric labels. */
export type ParseFailureCode =
  | 'empty'
  | 'message-too-long'
  | 'line-too-long'
  | 'too-many-headers'
  | 'no-start-line'
  | 'bare-line-feed'
  | 'no-end-of-headers';

/** A text that cannot be represented as a message, and so can be neither answered nor relayed. */
export class ParseFailure {
  readonly code: ParseFailureCode;

  constructor(code: ParseFailureCode) {
    this.code = code;
  }
}
