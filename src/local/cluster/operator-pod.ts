import type { KeptPod } from './pod-keeper.ts';
import { HTTP_PORT } from '../../api/pod-ports.ts';

const NAMESPACE = 'rehome-system';
const GRACE_SECONDS = 10;

/** The pod of the operator; `env` is added to its environment. */
export function operatorPod(env: Readonly<Record<string, string>>): KeptPod {
  const field = (
    name: string,
    fieldPath: string,
  ): { name: string; valueFrom: { fieldRef: { fieldPath: string } } } => ({
    name,
    valueFrom: { fieldRef: { fieldPath } },
  });
  return {
    namespace: NAMESPACE,
    name: 'rehome-operator',
    labels: { 'app.kubernetes.io/name': 'rehome-operator' },
    spec: {
      terminationGracePeriodSeconds: GRACE_SECONDS,
      containers: [
        {
          name: 'operator',
          image: 'rehome',
          command: ['rehome', 'operator'],
          env: [
            field('POD_NAME', 'metadata.name'),
            field('POD_NAMESPACE', 'metadata.namespace'),
            field('POD_UID', 'metadata.uid'),
            field('POD_IP', 'status.podIP'),
            ...Object.entries(env).map(([name, value]) => ({ name, value })),
          ],
          ports: [{ name: 'http', containerPort: HTTP_PORT }],
          readinessProbe: { httpGet: { path: '/readyz', port: 'http' } },
        },
      ],
    },
  };
}
