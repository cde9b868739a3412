import { describe, expect, test } from '@jest/globals';
import {
  noteOwnRefresh,
  noteSessionTimer,
  sessionDueAtMs,
  sessionExpiresOf,
} from '../../../src/dialog/session-timer.ts';
import { calleesResponse } from './call-flow.ts';
import { sampleRecord } from './sample-record.ts';

describe('session timer', () => {
  test.each([
    ['1800;refresher=uac', 'endpoint', 'pod'],
    ['1800; refresher = UAS', 'pod', 'endpoint'],
    ['1800', 'endpoint', 'pod'],
  ] as const)('"%s" makes the sender\'s side %s and the answerer\'s %s', (value, sender, answerer) => {
    const record = sampleRecord();
    noteSessionTimer(record, 1, calleesResponse('200 OK', [`Session-Expires: ${value}`]), 77);
    expect(record.legs[1].session).toEqual({ intervalSeconds: 1_800, refresher: sender, refreshedAtMs: 77 });
    expect(record.legs[0].session?.refresher).toBe(answerer);
  });

  test("the pod's own request keeps the roles", () => {
    const [caller, callee] = sampleRecord().legs;
    expect(sessionExpiresOf(caller)).toBe('1800;refresher=uas');
    expect(sessionExpiresOf(callee)).toBe('1800;refresher=uac');
  });

  test("a 2xx to the pod's own request starts it anew, with what the 2xx says", () => {
    const [caller] = sampleRecord().legs;
    noteOwnRefresh(caller, calleesResponse('200 OK'), 5);
    expect(caller.session).toEqual({ intervalSeconds: 1_800, refresher: 'endpoint', refreshedAtMs: 5 });
    noteOwnRefresh(caller, calleesResponse('200 OK', ['Session-Expires: 90;refresher=uac']), 6);
    expect(caller.session).toEqual({ intervalSeconds: 90, refresher: 'pod', refreshedAtMs: 6 });
  });

  test('something is due at half the interval from the endpoint, near the end from the pod', () => {
    const [caller, callee] = sampleRecord().legs;
    expect(sessionDueAtMs(caller) - 1_700_000_000_123).toBe(900_000);
    expect(sessionDueAtMs(callee) - 1_700_000_000_123).toBe(1_768_000);
    expect(sessionDueAtMs({ ...caller, session: undefined })).toBe(Infinity);
  });
});
