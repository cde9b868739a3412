/** Why a text is no SIP message that this module can represent; codes are stable. */
export type ParseFailureCode =
  | 'EMPTY'
  | 'TOO_LARGE'
  | 'START_LINE'
  | 'HEADER_LINE'
  | 'TOO_MANY_HEADERS'
  | 'NO_END_OF_HEADERS';

/** The refusal of a text by the parser. */
export class ParseFailure {
  readonly code: ParseFailureCode;

  constructor(code: ParseFailureCode) {
    this.code = code;
  }
}
