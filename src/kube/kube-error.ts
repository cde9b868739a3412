import { KubeError, type KubeErrorReason } from './api.ts';

/** Reasons by code, for answers that are no metav1.Status of a known reason. */
const BY_CODE: Readonly<Record<number, KubeErrorReason>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  422: 'Invalid',
  429: 'TooManyRequests',
  504: 'Timeout',
};

/** The error in an answer with an error code: its body is a metav1.Status, or anything a machine on the way wrote. */
export function errorOfAnswer(code: number, body: string, afterMs?: number): KubeError {
  const { code: stated, reason, message } = errorOfStatus(statusIn(body), code, body.slice(0, 200));
  return new KubeError(stated, reason, message, afterMs);
}

/** What a Retry-After header asks for, in ms; dates, which no API server sends, are left out. */
export function retryAfterMs(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : undefined;
}

/** The error that a metav1.Status states; `code` and `text` stand in for what it leaves out. */
export function errorOfStatus(status: unknown, code: number, text: string): KubeError {
  const stated = typeof status === 'object' && status !== null ? (status as Record<string, unknown>) : {};
  const ownCode = typeof stated['code'] === 'number' ? stated['code'] : code;
  const message = typeof stated['message'] === 'string' ? stated['message'] : text;
  const reason =
    stated['reason'] === 'AlreadyExists' ? 'AlreadyExists' : (BY_CODE[ownCode] ?? 'InternalError');
  return new KubeError(ownCode, reason, message === '' ? `HTTP ${String(ownCode)}` : message);
}

function statusIn(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** The error of a request that got no answer: whether it was carried out is unknown. */
export function unreachable(cause: unknown): KubeError {
  if (cause instanceof KubeError) return cause;
  const { message = '', code = 'no answer' } = (cause ?? {}) as { message?: string; code?: string };
  // An error of several addresses that were tried has no message of its own.
  return new KubeError(0, 'Unreachable', message === '' ? code : message);
}
