// The function app: Flex Consumption, custom handler. Runtime and scale stand in functionAppConfig
// alone: Flex refuses them as settings.

param location string
param prefix string
param appName string
param identityId string
param identityClientId string
param subnetId string
param storageAccountName string
param blobEndpoint string
param queueEndpoint string
param sqlServer string
param sqlDatabase string
param vaultName string
param insightsConnectionString string
param workspaceId string
param entraClientId string
param clockifyWorkspaceId string
param instanceMemoryMB int
param maximumInstanceCount int
param alwaysReadyHttpInstances int
param extraSettings object

var secretOf = '@Microsoft.KeyVault(VaultName=${vaultName};SecretName='

var baseSettings = {
  AzureWebJobsStorage__accountName: storageAccountName
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  AZURE_CLIENT_ID: identityClientId
  DATABASE_URL: 'mssql://${sqlServer}/${sqlDatabase}?auth=managed-identity&clientId=${identityClientId}'
  STORAGE_URL: blobEndpoint
  QUEUE_URL: queueEndpoint
  CLOCKIFY_WORKSPACE_ID: clockifyWorkspaceId
  CLOCKIFY_API_KEY: '${secretOf}clockify-api-key)'
  CLOCKIFY_WEBHOOK_SECRETS: '${secretOf}clockify-webhook-secrets)'
  CALLER_KEYS: '${secretOf}caller-keys)'
  EASY_AUTH: 'on'
  // The host itself reads the timers' settings, in UTC; the handler's defaults do not reach it.
  NIGHTLY_SCHEDULE: '0 0 10 * * *'
  WEEKLY_SCHEDULE: '0 0 7 * * 0'
  BALANCES_SCHEDULE: '0 0 12 * * *'
  REPORTS_SCHEDULE: '0 30 12 * * *'
  WATCHDOG_SCHEDULE: '0 */15 * * * *'
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  // checkov:skip=CKV_AZURE_212:Flex scales by itself; there is no count to set
  // checkov:skip=CKV_AZURE_225:zone redundancy is not offered with every Flex region; one region by decision
  name: '${prefix}-plan'
  location: location
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  // checkov:skip=CKV_AZURE_222:Power Apps, people and Clockify call it from the internet; the handler asks each who he is
  // checkov:skip=CKV_AZURE_17:callers come by key or Entra token, not by client certificate
  // checkov:skip=CKV_AZURE_18:Flex refuses http20Enabled in siteConfig
  // checkov:skip=CKV_AZURE_212:Flex scales by itself; there is no count to set
  // checkov:skip=CKV_AZURE_213:healthCheckPath is not verified on Flex; the alerts late-sync and server-errors tell of an app that is dead or ill
  name: appName
  location: location
  kind: 'functionapp,linux'
  // By this azd finds the app.
  tags: {
    'azd-service-name': 'app'
  }
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${blobEndpoint}app-package'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'custom'
        version: '1.0'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReadyHttpInstances > 0 ? [
              {
                name: 'http'
                instanceCount: alwaysReadyHttpInstances
              }
            ] : []
        triggers: {
          http: {
            perInstanceConcurrency: 16
          }
        }
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
    }
  }

  resource settings 'config' = {
    name: 'appsettings'
    properties: union(baseSettings, extraSettings)
  }

  // Allow anonymous: the platform verifies tokens and strips forged headers; the handler itself asks
  // every caller who he is (only health and Clockify's webhook are open).
  resource signIn 'config' = {
    name: 'authsettingsV2'
    properties: {
      platform: {
        enabled: true
        runtimeVersion: '~1'
      }
      globalValidation: {
        requireAuthentication: false
        unauthenticatedClientAction: 'AllowAnonymous'
      }
      httpSettings: {
        requireHttps: true
      }
      identityProviders: {
        azureActiveDirectory: {
          enabled: true
          registration: {
            openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
            clientId: entraClientId
          }
          validation: {
            allowedAudiences: ['api://${entraClientId}', entraClientId]
          }
        }
      }
      login: {
        tokenStore: {
          enabled: true
        }
      }
    }
  }

  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: {
      allow: false
    }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: {
      allow: false
    }
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: app
  name: 'audit'
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'AppServiceAuthenticationLogs'
        enabled: true
      }
    ]
  }
}

output host string = app.properties.defaultHostName
