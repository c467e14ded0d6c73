// Logs, Application Insights (by identity, not by key) and who is told when something is wrong.

param location string
param prefix string
param alertEmail string
param logDays int
param identityPrincipalId string

var metricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: '${prefix}-logs'
  location: location
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: logDays
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: '${prefix}-insights'
  location: location
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true
    IngestionMode: 'LogAnalytics'
  }
}

resource publisher 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: insights
  name: guid(insights.id, identityPrincipalId, metricsPublisher)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', metricsPublisher)
    principalId: identityPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource operators 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: '${prefix}-operators'
  location: 'global'
  properties: {
    groupShortName: take(prefix, 12)
    enabled: true
    emailReceivers: [
      {
        name: 'operators'
        emailAddress: alertEmail
        useCommonAlertSchema: true
      }
    ]
  }
}

// The handler writes JSON lines; the host files each as a trace, with the whole line in Message.
var alerts = [
  {
    name: 'dead-letters'
    title: 'Work failed for good: dead letters wait'
    severity: 1
    query: 'AppTraces | where tostring(parse_json(Message).message) == "a message has failed for good"'
    window: 'PT1H'
  }
  {
    name: 'late-sync'
    title: 'No good sync for 26 hours'
    severity: 1
    // An app that is dead writes nothing: a row comes where the line of a good sync is missing.
    query: 'AppTraces | where TimeGenerated > ago(26h) | extend line = parse_json(Message) | where tostring(line.message) == "a slice of a job has ended" and tostring(line["job.kind"]) == "sync:all" and tostring(line["job.outcome"]) == "done" | summarize good = count() | where good == 0'
    window: 'P2D'
  }
  {
    name: 'webhook-refused'
    title: 'Webhooks are refused'
    severity: 2
    query: 'AppTraces | extend line = parse_json(Message) | where tostring(line["http.route"]) == "/api/clockify/webhooks" and toint(line["http.status"]) == 401'
    window: 'PT1H'
  }
  {
    name: 'server-errors'
    title: 'Requests end with 5xx'
    severity: 2
    query: 'AppRequests | where ResultCode startswith "5"'
    window: 'PT15M'
  }
]

resource rules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in alerts: {
    name: '${prefix}-${alert.name}'
    location: location
    kind: 'LogAlert'
    properties: {
      displayName: alert.title
      severity: alert.severity
      enabled: true
      scopes: [workspace.id]
      evaluationFrequency: 'PT15M'
      windowSize: alert.window
      autoMitigate: true
      criteria: {
        allOf: [
          {
            query: alert.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: {
        actionGroups: [operators.id]
      }
    }
  }
]

output workspaceId string = workspace.id
output insightsConnectionString string = insights.properties.ConnectionString
