// Azure SQL: Entra login alone, TLS 1.2, reached by the app through a private endpoint. Encrypted at
// rest (transparent data encryption), audited to Log Analytics. From outside only the addresses of
// the parameter get in; with none there is no public endpoint.

param location string
param serverName string
param adminGroupName string
param adminGroupObjectId string
param tier string
param backupRedundancy string
param allowedIpRanges array
param identityId string
param customerManagedKeyUri string
param endpointSubnetId string
param dnsZoneId string
param workspaceId string

var ownKey = !empty(customerManagedKeyUri)
var serverless = tier == 'serverless'

resource server 'Microsoft.Sql/servers@2023-08-01' = {
  // checkov:skip=CKV_AZURE_113:public only where the operator lists addresses; Entra login alone even then
  name: serverName
  location: location
  identity: ownKey ? {
        type: 'UserAssigned'
        userAssignedIdentities: {
          '${identityId}': {}
        }
      } : null
  properties: {
    version: '12.0'
    minimalTlsVersion: '1.2'
    publicNetworkAccess: empty(allowedIpRanges) ? 'Disabled' : 'Enabled'
    restrictOutboundNetworkAccess: 'Enabled'
    primaryUserAssignedIdentityId: ownKey ? identityId : null
    keyId: ownKey ? customerManagedKeyUri : null
    administrators: {
      administratorType: 'ActiveDirectory'
      azureADOnlyAuthentication: true
      principalType: 'Group'
      login: adminGroupName
      sid: adminGroupObjectId
      tenantId: tenant().tenantId
    }
  }
}

resource firewall 'Microsoft.Sql/servers/firewallRules@2023-08-01' = [
  for range in allowedIpRanges: {
    parent: server
    name: range.name
    properties: {
      startIpAddress: range.start
      endIpAddress: range.end
    }
  }
]

resource database 'Microsoft.Sql/servers/databases@2023-08-01' = {
  // checkov:skip=CKV_AZURE_26:threat alerts belong to Defender for SQL, which is ordered per subscription
  // checkov:skip=CKV_AZURE_27:threat alerts belong to Defender for SQL, which is ordered per subscription
  // checkov:skip=CKV_AZURE_224:ledger tables would forbid correcting mirrored records; audit keeps who changed what
  // checkov:skip=CKV_AZURE_229:zone redundancy is not offered in these tiers
  parent: server
  name: 'clocking'
  location: location
  sku: serverless ? {
        name: 'GP_S_Gen5'
        tier: 'GeneralPurpose'
        family: 'Gen5'
        capacity: 2
      } : {
        name: toUpper(tier)
        tier: 'Standard'
      }
  properties: {
    collation: 'SQL_Latin1_General_CP1_CI_AS'
    autoPauseDelay: serverless ? 60 : null
    minCapacity: serverless ? json('0.5') : null
    // The fixed tiers take few sizes; this one comes with them at no further charge.
    maxSizeBytes: serverless ? 34359738368 : 268435456000
    requestedBackupStorageRedundancy: backupRedundancy
  }
}

resource endpoint 'Microsoft.Network/privateEndpoints@2024-05-01' = {
  name: '${serverName}-endpoint'
  location: location
  properties: {
    subnet: {
      id: endpointSubnetId
    }
    privateLinkServiceConnections: [
      {
        name: 'sql'
        properties: {
          privateLinkServiceId: server.id
          groupIds: ['sqlServer']
        }
      }
    ]
  }
}

resource endpointZone 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01' = {
  parent: endpoint
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [
      {
        name: 'sql'
        properties: {
          privateDnsZoneId: dnsZoneId
        }
      }
    ]
  }
}

resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: database
  name: 'audit'
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'SQLSecurityAuditEvents'
        enabled: true
      }
      {
        category: 'Errors'
        enabled: true
      }
      {
        category: 'Deadlocks'
        enabled: true
      }
    ]
  }
}

output serverFqdn string = server.properties.fullyQualifiedDomainName
output databaseName string = database.name
