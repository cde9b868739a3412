import { flat, type SipMessage } from '../sip/index.ts';

const USER = /^sips?:([^@:]*)[^@]*@/i;

/** The URI of a message's first Contact, bytes as received. */
export function contactUri(message: SipMessage): string | undefined {
  const uri = message.contact?.uri;
  return uri === undefined ? undefined : flat(uri);
}

/** The user part of a message's first Contact, '' if that has none; undefined without a Contact. */
export function contactUser(message: SipMessage): string | undefined {
  const uri = message.contact?.uri;
  return uri === undefined ? undefined : flat(USER.exec(uri)?.[1] ?? '');
}
