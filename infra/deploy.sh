#!/usr/bin/env bash
# Migrates the database, deploys a package and tries it out; if the trial fails, says how to roll back.
# Run by a member of the database's administrators' group. usage: deploy.sh RESOURCE_GROUP PACKAGE.zip [--first]
# --first also makes the app's database user (needs sqlcmd (Go)).
# The database has no public endpoint: while it migrates, the machine's own address is let in, and then no more.
set -euo pipefail
group=${1:?resource group} package=${2:?package} first=${3:-}
output() { az deployment group show -g "$group" -n main --query "properties.outputs.$1.value" -o tsv; }
app=$(output appName) host=$(output appHost) server=$(output sqlServer) database=$(output sqlDatabase)
name=${server%%.*}

work=$(mktemp -d)
closed=$(az sql server show -g "$group" -n "$name" --query publicNetworkAccess -o tsv)
close() {
    az sql server firewall-rule delete -g "$group" -s "$name" -n deployment -o none 2>/dev/null || true
    [ "$closed" = Enabled ] || az sql server update -g "$group" -n "$name" --set publicNetworkAccess=Disabled -o none
    rm -rf "$work"
}
trap close EXIT
az sql server update -g "$group" -n "$name" --set publicNetworkAccess=Enabled -o none
address=$(curl -fsS https://api.ipify.org)
az sql server firewall-rule create -g "$group" -s "$name" -n deployment \
    --start-ip-address "$address" --end-ip-address "$address" -o none

echo "== migrate $database"
python3 -m zipfile -e "$package" "$work" && chmod +x "$work/handlers"
export DATABASE_URL="mssql://$server/$database?auth=managed-identity"
# The server may take five minutes to let this machine in.
for try in $(seq 1 30); do
    if versions=$("$work/handlers" migrate version); then break; fi
    [ "$try" -lt 30 ] || { echo "the database does not let this machine in" >&2; exit 1; }
    echo "not yet ($try of 30)"; sleep 10
done
# "database 9, program 8": an earlier package serves the newer database as it is, for each step is safe for the program before it.
read -r _ stored _ known <<<"$versions"
if [ "${stored%,}" -gt "$known" ]; then
    echo "nothing to do: $versions (rolling back)"
else
    "$work/handlers" migrate
fi

if [ "$first" = --first ]; then
    echo "== the app's user in $database"
    "$(dirname "$0")/sql/create-app-user.sh" "$group"
fi

echo "== deploy $app"
az functionapp deployment source config-zip -g "$group" -n "$app" --src "$package" -o none

version=$("$work/handlers" --version)
version=${version##* }
echo "== try out $version"
for try in $(seq 1 30); do
    # Until the new one has started the program before it may answer.
    if curl -fsS --max-time 20 "https://$host/api/health" >"$work/health.json" &&
        grep -qF "\"version\":\"$version\"" "$work/health.json"; then
        cat "$work/health.json"; echo
        echo "deployed: https://$host"
        exit 0
    fi
    echo "not yet ($try of 30)"; sleep 10
done
echo "the app does not answer as $version; deploy the package of an earlier run again (input package_run of the workflow)" >&2
exit 1
