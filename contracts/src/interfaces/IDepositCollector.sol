// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// @title What pulls a deposit from its payer
/// @notice The escrow calls it and then counts: exactly `amount` more must be in the escrow.
interface IDepositCollector {
    /// @param amount In base units of the token, to be sent to the caller.
    /// @param channelId What the payer's signature must be bound to.
    /// @param collectorData Whatever the collector needs beside, such as the payer's signature.
    function collect(address payer, address token, uint256 amount, bytes32 channelId, bytes calldata collectorData)
        external;
}
