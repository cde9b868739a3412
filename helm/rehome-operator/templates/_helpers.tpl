{{- define "rehome-operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* The release's name, with the chart's unless that is part of it; dots are no part of the names of Services. */}}
{{- define "rehome-operator.fullname" -}}
{{- $name := include "rehome-operator.name" . }}
{{- $release := .Release.Name | replace "." "-" }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains $name $release }}
{{- $release | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" $release $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "rehome-operator.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride }}
{{- end }}

{{/* Cluster-wide objects of two releases must not meet. */}}
{{- define "rehome-operator.clusterName" -}}
{{- printf "%s:%s" (include "rehome-operator.namespace" .) (include "rehome-operator.fullname" .) }}
{{- end }}

{{/* The first is what NetworkPolicies of clusters know operators by, whatever the release is called. */}}
{{- define "rehome-operator.selectorLabels" -}}
app.kubernetes.io/name: rehome-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* The pod of `helm test`. */}}
{{- define "rehome-operator.testLabels" -}}
app.kubernetes.io/name: rehome-operator-test
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "rehome-operator.labels" -}}
{{ include "rehome-operator.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: operator
app.kubernetes.io/part-of: rehome
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "rehome-operator.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "rehome-operator.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "rehome-operator.image" -}}
{{- if .Values.image.digest }}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{/* What the operator does in the namespaces that it watches; a test compares it with what it was seen doing. */}}
{{- define "rehome-operator.rules" -}}
- apiGroups: [sip.rehome.dev]
  resources: [sipclusters]
  verbs: [get, list, watch]
- apiGroups: [sip.rehome.dev]
  resources: [sipclusters/status]
  verbs: [patch]
- apiGroups: [sip.rehome.dev]
  resources: [dialogshards]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [sip.rehome.dev]
  resources: [dialogshards/status]
  verbs: [patch]
{{- if .Values.rbac.finalizers }}
- apiGroups: [sip.rehome.dev]
  resources: [sipclusters/finalizers]
  verbs: [update]
{{- end }}
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list, watch, create, delete]
- apiGroups: [""]
  resources: [configmaps, secrets]
  verbs: [get, list, watch, create, patch]
- apiGroups: [""]
  resources: [services]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [get, list, watch, create, patch]
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  verbs: [get, list, watch]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end }}
