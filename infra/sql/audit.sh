#!/usr/bin/env bash
# Switches the database server's auditing on, towards the log workspace that the template made.
# Run it once after the first deployment. usage: audit.sh RESOURCE_GROUP PREFIX
set -euo pipefail
group=${1:?resource group} prefix=${2:?prefix of the names}
server=$(az sql server list -g "$group" --query "[?starts_with(name, '$prefix-sql-')].name" -o tsv)
workspace=$(az monitor log-analytics workspace show -g "$group" -n "$prefix-logs" --query id -o tsv)
az sql server audit-policy update -g "$group" -n "$server" --state Enabled \
    --log-analytics-target-state Enabled --log-analytics-workspace-resource-id "$workspace" \
    --actions BATCH_COMPLETED_GROUP SUCCESSFUL_DATABASE_AUTHENTICATION_GROUP FAILED_DATABASE_AUTHENTICATION_GROUP
echo "auditing of $server goes to $prefix-logs"
