import { describe, expect, test } from '@jest/globals';
import { H, MessageEdit } from '../../../src/sip/index.ts';
import { INVITE_LINES, INVITE_TEXT, message, read } from './sample-message.ts';

function edit(): MessageEdit {
  return new MessageEdit(read(INVITE_TEXT));
}

describe('MessageEdit', () => {
  test('without changes is the message', () => {
    expect(edit().toString()).toBe(INVITE_TEXT);
  });

  test('leaves what follows the body out', () => {
    expect(new MessageEdit(read(`${INVITE_TEXT}\r\nand more`)).toString()).toBe(INVITE_TEXT);
  });

  test('puts a value in place of the first line of a header, and takes its other lines out', () => {
    const expected = INVITE_TEXT.replace(
      'Route: <sip:p1.example;lr>, <sip:p2.example;lr>',
      'Route: <sip:x>',
    ).replace('Route: <sip:p3.example;lr>\r\n', '');
    expect(edit().set(H.Route, '<sip:x>').toString()).toBe(expected);
  });

  test('writes compact and odd names anew only where it changes the value', () => {
    const expected = INVITE_TEXT.replace(
      'v: SIP/2.0/UDP pc33.atlanta.example;branch=z9hG4bK776asdhds',
      'Via: a\r\nVia: b',
    );
    expect(edit().setAll(H.Via, ['a', 'b']).toString()).toBe(expected);
  });

  test('takes folded lines out whole', () => {
    expect(edit().removeNamed('x-trunk').toString()).toBe(
      INVITE_TEXT.replace('X-Trunk :  east\r\n\t wing\r\n', ''),
    );
    expect(edit().removeNamed('X-Trunk').remove(H.To).remove(H.Subject).toString()).not.toMatch(
      /trunk|wing|TO:|Subject/,
    );
  });

  test('removes a known name by removeNamed, in compact form too', () => {
    expect(edit().removeNamed('m').toString()).toBe(
      INVITE_TEXT.replace('Contact: <sip:alice@pc33.atlanta.example>\r\n', ''),
    );
  });

  test('puts what was absent before Content-Length, in the order of the changes', () => {
    const expected = INVITE_TEXT.replace('l: 5', 'Supported: timer\r\nSubject: x\r\nl: 5');
    expect(edit().set(H.Supported, 'timer').set(H.Subject, 'x').toString()).toBe(expected);
  });

  test('puts an absent Via at the top', () => {
    const bare = message(['OPTIONS sip:a SIP/2.0', 'To: x', 'Content-Length: 0']);
    expect(new MessageEdit(bare).set(H.Via, 'v').toString()).toBe(
      'OPTIONS sip:a SIP/2.0\r\nVia: v\r\nTo: x\r\nContent-Length: 0\r\n\r\n',
    );
  });

  test('the last of two changes of a header counts', () => {
    expect(edit().set(H.MaxForwards, '1').set(H.MaxForwards, '69').toString()).toBe(
      INVITE_TEXT.replace(': 70', ': 69'),
    );
    expect(edit().remove(H.MaxForwards).set(H.MaxForwards, '70').toString()).toBe(INVITE_TEXT);
  });

  test('replaces the start line', () => {
    const lines = INVITE_TEXT.slice(INVITE_TEXT.indexOf('\r\n'));
    expect(edit().requestLine('INVITE', 'sip:c@d').toString()).toBe(`INVITE sip:c@d SIP/2.0${lines}`);
    expect(edit().statusLine(200, 'OK').toString()).toBe(`SIP/2.0 200 OK${lines}`);
  });

  test('a value adds no line of its own', () => {
    const text = edit().set(H.Subject, 'a\r\nX-Smuggled: b\nc\rd').requestLine('A\r\nB', 'c\nd').toString();
    expect(text).toContain('\r\nSubject: a X-Smuggled: b c d\r\n');
    expect(text).toMatch(/^A B c d SIP\/2\.0\r\n/);
  });
});

describe('the body', () => {
  test('brings its type and length', () => {
    const expected = INVITE_TEXT.replace('text/plain', 'application/sdp')
      .replace('l: 5', 'Content-Length: 3')
      .replace('hello', 'v=0');
    expect(edit().body('application/sdp', 'v=0').toString()).toBe(expected);
  });

  test('that is empty has no type', () => {
    const expected = INVITE_TEXT.replace('Content-Type: text/plain\r\n', '')
      .replace('l: 5', 'Content-Length: 0')
      .replace('hello', '');
    expect(edit().body('', '').toString()).toBe(expected);
  });

  test.each([
    ['absent', INVITE_LINES.slice(0, -1), 'Content-Length: 5'],
    ['too long', [...INVITE_LINES.slice(0, -1), 'l: 50'], 'Content-Length: 5'],
    ['malformed', [...INVITE_LINES.slice(0, -1), 'l: x'], 'Content-Length: 5'],
    ['there twice', [...INVITE_LINES, 'l: 5'], 'Content-Length: 5'],
    ['right with zeros', [...INVITE_LINES.slice(0, -1), 'l: 0005'], 'l: 0005'],
  ])('has its length when Content-Length is %s', (_title, lines, expected) => {
    const text = new MessageEdit(message(lines, 'hello')).toString();
    expect(text).toBe(`${[...INVITE_LINES.slice(0, -1), expected].join('\r\n')}\r\n\r\nhello`);
  });

  test('follows every change', () => {
    const changed = edit();
    changed.body('text/plain', 'longer text').toString();
    expect(read(changed.body('text/plain', 'hello').toString()).get(H.ContentLength)).toBe('5');
  });
});
