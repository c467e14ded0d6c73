// Clocking in one resource group: a Flex Consumption app (custom handler), storage, Azure SQL,
// Key Vault, monitoring and the network between them. Deploy with `az deployment group create`
// (README.md has every step). Nothing here holds a secret: settings refer to Key Vault.

targetScope = 'resourceGroup'

@description('Begins every name. Letters and digits, lower case.')
@minLength(3)
@maxLength(11)
param prefix string

@description('Where everything stands. Pay records stay in this region, unless sqlBackupRedundancy says otherwise.')
param location string = resourceGroup().location

@description('The Entra group that administers the database (people and the deployment, never the app).')
param sqlAdminGroupName string

@description('Object id of that group.')
param sqlAdminGroupObjectId string

@description('Application (client) id of the app registration that people sign in with; infra/app-registration.sh makes it.')
param entraClientId string

@description('Where alerts are sent.')
param alertEmail string

@description('Tier of the database: "s0" (for 60 people) and "s2" (for 2 000) never sleep and cost a fixed sum; "serverless" sleeps when nobody works and takes a minute to wake.')
@allowed([
  's0'
  's2'
  'serverless'
])
param sqlTier string = 's0'

@description('Where backups of the database lie: in several zones of the region ("Zone"), in one ("Local", for regions without zones), or in the paired region as well ("Geo": pay records then leave this region).')
@allowed([
  'Zone'
  'Local'
  'Geo'
])
param sqlBackupRedundancy string = 'Zone'

@description('IPv4 addresses that may reach the database from outside (administrators, Power BI), each as {name, start, end}. Empty: nobody; the database then has no public endpoint.')
param sqlAllowedIpRanges array = []

@description('IPv4 addresses or CIDR ranges from which report links may be opened. Empty: anywhere; a link is read-only, for one file, and expires.')
param reportAllowedIpRanges array = []

@description('Gives the app one fixed outbound address (NAT gateway), for databases elsewhere that allow only known addresses.')
param fixedOutboundAddress bool = false

@description('Memory of an instance in MB.')
@allowed([
  512
  2048
  4096
])
param instanceMemoryMB int = 512

@description('The most instances at once, over all functions together. Each queue and timer function has instances of its own: fewer than 10 would starve some.')
@minValue(10)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Instances that are always warm for HTTP: 1 takes the cold start from the Power App for a fixed sum a month.')
@minValue(0)
@maxValue(10)
param alwaysReadyHttpInstances int = 0

@description('Days after which report files are deleted. Reports are made again from the records at any time.')
@minValue(7)
param reportDays int = 90

@description('Days that logs and audit logs are kept.')
@minValue(30)
@maxValue(730)
param logDays int = 365

@description('A Key Vault key (its full identifier with version) that encrypts storage and database instead of the keys that Microsoft manages. Empty: Microsoft manages them. The app identity needs "Key Vault Crypto Service Encryption User" on it.')
param customerManagedKeyUri string = ''

@description('Settings of the app besides those that this template gives; the README lists all. Never a secret.')
param extraSettings object = {}

@description('The Clockify workspace. Empty: the only one that the key can see.')
param clockifyWorkspaceId string = ''

var suffix = take(uniqueString(resourceGroup().id), 6)
var appName = '${prefix}-app-${suffix}'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: '${prefix}-identity'
  location: location
}

module network 'modules/network.bicep' = {
  name: 'network'
  params: {
    location: location
    prefix: prefix
    fixedOutboundAddress: fixedOutboundAddress
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  params: {
    location: location
    prefix: prefix
    alertEmail: alertEmail
    logDays: logDays
    identityPrincipalId: identity.properties.principalId
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  params: {
    location: location
    accountName: '${prefix}st${suffix}'
    identityId: identity.id
    identityPrincipalId: identity.properties.principalId
    appSubnetId: network.outputs.appSubnetId
    allowedIpRanges: reportAllowedIpRanges
    reportDays: reportDays
    customerManagedKeyUri: customerManagedKeyUri
    workspaceId: monitoring.outputs.workspaceId
  }
}

module vault 'modules/vault.bicep' = {
  name: 'vault'
  params: {
    location: location
    vaultName: '${prefix}-kv-${suffix}'
    identityPrincipalId: identity.properties.principalId
    endpointSubnetId: network.outputs.endpointSubnetId
    dnsZoneId: network.outputs.vaultZoneId
    workspaceId: monitoring.outputs.workspaceId
  }
}

module database 'modules/database.bicep' = {
  name: 'database'
  params: {
    location: location
    serverName: '${prefix}-sql-${suffix}'
    adminGroupName: sqlAdminGroupName
    adminGroupObjectId: sqlAdminGroupObjectId
    tier: sqlTier
    backupRedundancy: sqlBackupRedundancy
    allowedIpRanges: sqlAllowedIpRanges
    identityId: identity.id
    customerManagedKeyUri: customerManagedKeyUri
    endpointSubnetId: network.outputs.endpointSubnetId
    dnsZoneId: network.outputs.sqlZoneId
    workspaceId: monitoring.outputs.workspaceId
  }
}

module app 'modules/app.bicep' = {
  name: 'app'
  params: {
    location: location
    prefix: prefix
    appName: appName
    identityId: identity.id
    identityClientId: identity.properties.clientId
    subnetId: network.outputs.appSubnetId
    storageAccountName: storage.outputs.accountName
    blobEndpoint: storage.outputs.blobEndpoint
    queueEndpoint: storage.outputs.queueEndpoint
    sqlServer: database.outputs.serverFqdn
    sqlDatabase: database.outputs.databaseName
    vaultName: vault.outputs.vaultName
    insightsConnectionString: monitoring.outputs.insightsConnectionString
    workspaceId: monitoring.outputs.workspaceId
    entraClientId: entraClientId
    clockifyWorkspaceId: clockifyWorkspaceId
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    alwaysReadyHttpInstances: alwaysReadyHttpInstances
    extraSettings: extraSettings
  }
}

output appName string = appName
output appHost string = app.outputs.host
output identityName string = identity.name
output identityClientId string = identity.properties.clientId
output sqlServer string = database.outputs.serverFqdn
output sqlDatabase string = database.outputs.databaseName
output vaultName string = vault.outputs.vaultName
output storageAccount string = storage.outputs.accountName
output outboundAddress string = network.outputs.outboundAddress
