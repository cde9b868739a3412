import { otherLeg, type DialogRecord, type LegIndex } from './record.ts';

/**
 * A Replaces value (RFC 3891) as the endpoint of leg `shownTo` knows this dialog, in the words of the other leg's
 * endpoint; undefined if it names another dialog. The value comes unescaped; the tags are the receiver's point of view.
 */
export function mapReplaces(value: string, record: DialogRecord, shownTo: LegIndex): string | undefined {
  const [callId, ...parameters] = value.split(';').map((part) => part.trim());
  const near = record.legs[shownTo];
  const far = record.legs[otherLeg(shownTo)];
  const toTag = parameterOf(parameters, 'to-tag');
  const fromTag = parameterOf(parameters, 'from-tag');
  // The value is for the far endpoint: its own tag is the to-tag, and near saw that as the pod's.
  if (callId !== near.callId || toTag !== near.localTag || fromTag !== near.remoteTag) return undefined;
  const rest = parameters.filter((part) => !/^(?:to|from)-tag\s*=/i.test(part));
  return [far.callId, `to-tag=${far.remoteTag}`, `from-tag=${far.localTag}`, ...rest].join(';');
}

function parameterOf(parameters: readonly string[], name: string): string | undefined {
  const found = parameters.find((part) => part.toLowerCase().startsWith(`${name}=`));
  return found?.slice(name.length + 1);
}
