// Leadline turns recorded customer meetings into knowledge about customers.
package main

import (
	"os"

	"leadline/command"
)

func main() { os.Exit(command.Main()) }
