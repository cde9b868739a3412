const UID_DIGITS = 8;

/** A pod's name in the mesh: no two processes that Kubernetes ever made share one, though pods share names. */
export function memberId(podName: string, podUid: string): string {
  return `${podName}.${podUid.slice(0, UID_DIGITS)}`;
}

/** The pod name in a member id; the id itself if it has none. */
export function podNameOf(member: string): string {
  const dot = member.lastIndexOf('.');
  return dot < 0 ? member : member.slice(0, dot);
}
