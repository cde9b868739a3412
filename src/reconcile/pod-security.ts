import type { PassedOn, PodTemplate } from '../api/sip-cluster-type.ts';

/** User and group of the image, which own the pod's data. */
const USER = 1000;

/** What Pod Security `restricted` asks of a pod. */
const POD: PassedOn = {
  runAsNonRoot: true,
  runAsUser: USER,
  runAsGroup: USER,
  fsGroup: USER,
  seccompProfile: { type: 'RuntimeDefault' },
};

/** What it asks of a container, and that nothing is written but to volumes. */
const CONTAINER: PassedOn = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

/** core/v1 PodSecurityContext of the pods. */
export function podSecurity({ securityContext }: PodTemplate): PassedOn {
  return securityContext ?? POD;
}

/** core/v1 SecurityContext of their container. */
export function containerSecurity({ containerSecurityContext }: PodTemplate): PassedOn {
  return containerSecurityContext ?? CONTAINER;
}
