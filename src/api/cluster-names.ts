/**
 * What the name of a SipCluster may be. Pods are named after it, and a pod's name is a host name (RFC 1123 §2.1); so are Services, which
 * must begin with a letter (RFC 1035 §2.3.1).
 */
export const CLUSTER_NAME = '^[a-z]([a-z0-9-]*[a-z0-9])?$';
/** Room for `-1023` behind it in a tag, and for `.` and eight digits behind a pod's name in the mesh. */
export const LONGEST_CLUSTER_NAME = 48;
